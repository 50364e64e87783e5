package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/devices/bans"
	"gatehouse/devices/bans/storetest"
	"gatehouse/devices/lobby"
	"gatehouse/devices/operators"
)

// noBans is a real service over a store in memory, at noon.
func noBans() *bans.Service {
	return bans.New(bans.Deps{Store: &storetest.Memory{}, Consoles: operators.TicketUsername, Now: func() time.Time { return noon }})
}

func (a answer) into(out any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), out); err != nil {
		a.t.Fatal(err)
	}
}

func TestABanIsMadeListedAndLifted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/broker/bans", "").is(200, `{"bans":[]}`)
	var b Ban
	h.admin("POST", "/broker/bans", `{"kind":"address","value":"203.0.113.7","reason":"guesses passwords","until":"2026-11-21T13:00:00+00:00"}`).wants(http.StatusCreated).into(&b)
	const head = `"kind":"address","value":"203.0.113.7/32","reason":"guesses passwords","by":"Wang","since":"2026-11-21T12:00:00Z","until":"2026-11-21T13:00:00Z",`
	id := `{"id":"` + string(b.ID) + `",`
	h.admin("GET", "/broker/bans", "").is(200, `{"bans":[`+id+head+`"state":"in_force","over":null,"liftedBy":"","liftReason":"","refused":0,"lastRefused":null}]}`)
	h.admin("POST", "/broker/bans", `{"kind":"address","value":"203.0.113.7/32","reason":"again"}`).problem(409, "conflict")
	lift := "/broker/bans/" + string(b.ID) + "/lift"
	h.admin("POST", lift, `{}`).names("body")
	h.admin("POST", lift, `{"reason":" "}`).names("body.reason")
	lifted := id + head + `"state":"lifted","over":"2026-11-21T12:00:00Z","liftedBy":"Wang","liftReason":"repaired","refused":0,"lastRefused":null}`
	h.admin("POST", lift, `{"reason":"repaired"}`).is(200, lifted)
	h.admin("POST", lift, `{"reason":"repaired"}`).problem(409, "conflict")
	h.admin("POST", "/broker/bans/nobody/lift", `{"reason":"r"}`).problem(404, "not_found")
	h.admin("GET", "/broker/bans", "").is(200, `{"bans":[`+lifted+`]}`)
}

func TestABanThatIsWrongNamesTheField(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for body, field := range map[string]string{
		`{"kind":"dislike","value":"x","reason":"r"}`:                                        "body.kind",
		`{"kind":"client","value":"","reason":"r"}`:                                          "body.value",
		`{"kind":"client","value":"x","reason":""}`:                                          "body.reason",
		`{"kind":"client","value":"x","reason":"r","until":"soon"}`:                          "body.until",
		`{"kind":"client","value":"x","reason":"r","until":"2026-11-21T12:00:00Z"}`:          "body.until",
		`{"kind":"client","value":"console-12","reason":"r"}`:                                "body.value",
		`{"kind":"username","value":"console","reason":"r"}`:                                 "body.value",
		`{"kind":"address","value":"192.0.2.300","reason":"r"}`:                              "body.value",
		`{"kind":"address","value":"0.0.0.0/0","reason":"r"}`:                                "body.value",
		`{"kind":"address","value":"192.0.2.0/24","reason":"r"}`:                             "body.value", // where httptest has requests come from
		`{"kind":"client","value":"` + strings.Repeat("x", 501) + `","reason":"r"}`:          "body.value",
		`{"kind":"client","value":"x","reason":"` + strings.Repeat("x", 201) + `"}`:          "body.reason",
		`{"kind":"address","value":"2001:db8::/8","reason":"r","until":null}`:                "body.value",
		`{"kind":"address","value":"192.0.2.1","reason":"r","until":"2026-11-21T13:00:00Z"}`: "body.value",
	} {
		h.admin("POST", "/broker/bans", body).names(field)
	}
	h.admin("GET", "/broker/bans", "").is(200, `{"bans":[]}`)
}

func TestADeviceSaysWhichBansKeepItOut(t *testing.T) {
	t.Parallel()
	var door lobby.Refusals
	h := newHouse(t, func(d *Deps) { d.Doorman = &door })
	seen := func() (values []string) {
		t.Helper()
		var d DeviceDetail
		h.do("GET", apiPrefix+"/devices/d1", "", as(operators.Guard)).wants(200).into(&d)
		for _, b := range d.Bans {
			values = append(values, string(b.Kind)+" "+b.Value+" by "+b.By+": "+b.Reason)
		}
		return values
	}
	ban := func(kind, value string) Ban {
		t.Helper()
		var b Ban
		h.admin("POST", "/broker/bans", `{"kind":"`+kind+`","value":"`+value+`","reason":"r"}`).wants(201).into(&b)
		return b
	}
	ban("client", "d2")
	ban("address", "203.0.113.0/24")
	if got := seen(); len(got) != 0 {
		t.Errorf("with bans of others: %q", got)
	}
	door.Note("d1", lobby.WrongPassword, "203.0.113.7:1")
	if got := seen(); len(got) != 0 {
		t.Errorf("refused for another reason: %q", got)
	}
	door.Note("d1", lobby.Banned, "203.0.113.7:1")
	h.control.offline = true
	if got := seen(); len(got) != 1 || got[0] != "address 203.0.113.0/24 by Wang: r" {
		t.Errorf("refused at a banned address: %q", got)
	}
	h.control.offline = false
	b := ban("username", "d1")
	if got := seen(); len(got) != 1 || got[0] != "username d1 by Wang: r" {
		t.Errorf("banned itself: %q", got)
	}
	h.admin("POST", "/broker/bans/"+string(b.ID)+"/lift", `{"reason":"r"}`).wants(200)
	if got := seen(); len(got) != 0 {
		t.Errorf("lifted: %q", got)
	}
}
