package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// booths are one booth, whose browser has the token "hut"; chen has a PIN.
type booths struct {
	err  error
	asks []string
}

func theBooth() operators.Booth {
	return operators.Booth{ID: "b1", Name: "North gate", Lock: 10 * time.Minute, Created: noon, Ends: noon.Add(time.Hour)}
}

const boothJSON = `{"id":"b1","name":"North gate","lockMinutes":10,"created":"2026-11-21T12:00:00Z","expires":"2026-11-21T13:00:00Z"}`

func boothIf(at bool) operators.BoothID {
	if at {
		return "b1"
	}
	return ""
}

func (b *booths) asked(what string) error { b.asks = append(b.asks, what); return b.err }

func (b *booths) List() []operators.Booth { return []operators.Booth{theBooth()} }

func (b *booths) Make(_ context.Context, by devices.Actor, name string, lock time.Duration) (operators.Booth, string, error) {
	return theBooth(), "hut", b.asked(by.ID + " makes " + name + " " + lock.String())
}

func (b *booths) End(_ context.Context, by devices.Actor, id operators.BoothID) error {
	return b.asked(by.ID + " ends " + string(id))
}

func (b *booths) Of(token string) (operators.Booth, bool) { return theBooth(), token == "hut" }

func (b *booths) Guards(context.Context) ([]operators.Operator, error) {
	return []operators.Operator{{ID: "o2", Name: "Chen"}, {ID: "o3", Name: "Wang", PIN: operators.PIN{Wrong: 5}}}, nil
}

func (b *booths) Enter(_ context.Context, booth string, id operators.ID, pin string, _ operators.Client) (operators.Operator, string, error) {
	if booth != "hut" {
		return operators.Operator{}, "", refusal(operators.NoBooth, "", "this browser is no booth")
	}
	err := b.asked(string(id) + " enters by " + pin)
	return operators.Operator{ID: id, Name: "Chen", Role: operators.Manager, PIN: operators.PIN{Hash: []byte("x")}}, "entered", err
}

func (b *booths) SetPIN(_ context.Context, o operators.Operator, _ operators.Session, pin string) error {
	return b.asked(string(o.ID) + " sets " + pin)
}

func (b *booths) DropPIN(_ context.Context, o operators.Operator, _ operators.Session) error {
	return b.asked(string(o.ID) + " drops the PIN")
}

// at gives a request the cookie of a booth.
func atBooth(token string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "gatehouse-booth", Value: token}) }
}

func TestABoothIsMadeShownAndEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.admin("POST", "/booths", `{"name":"North gate","lockMinutes":10}`)
	a.is(201, boothJSON)
	cookies := a.header.Values("Set-Cookie")
	if len(cookies) != 2 || !strings.HasPrefix(cookies[0], "gatehouse-booth=hut; Path=/; Max-Age=31622400; HttpOnly; SameSite=Strict") ||
		!strings.HasPrefix(cookies[1], "gatehouse=; Path=/; Max-Age=0") {
		t.Errorf("cookies %q", cookies)
	}
	if h.people.ended != "session-administrator" {
		t.Error("whoever made the booth is still signed in there")
	}
	h.admin("GET", "/booths", "").is(200, `{"booths":[`+boothJSON+`]}`)
	h.admin("DELETE", "/booths/b1", "").wants(204)
	h.admin("POST", "/booths", `{"name":"North gate","lockMinutes":0}`).names("body.lockMinutes")
	if want := []string{"o1 makes North gate 10m0s", "o1 ends b1"}; !slices.Equal(h.booths.asks, want) {
		t.Errorf("asked %q", h.booths.asks)
	}
}

func TestABoothShowsWhoCanSignInThereAndAnotherBrowserNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.do("GET", apiPrefix+"/booth", "").is(200, `{"booth":null,"guards":[]}`)
	h.do("GET", apiPrefix+"/booth", "", atBooth("other"), as(operators.Administrator)).is(200, `{"booth":null,"guards":[]}`)
	h.do("GET", apiPrefix+"/booth", "", atBooth("hut")).is(200,
		`{"booth":`+boothJSON+`,"guards":[{"id":"o2","name":"Chen","locked":false},{"id":"o3","name":"Wang","locked":true}]}`)
}

func TestSigningInAtABoothEndsTheSessionBefore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const entry = `{"person":"o2","pin":"271938"}`
	a := h.do("POST", apiPrefix+"/booth/session", entry, atBooth("hut"), as("booth-guard")).wants(200)
	if c := a.header.Get("Set-Cookie"); !strings.HasPrefix(c, "gatehouse=entered; Path=/; HttpOnly") {
		t.Errorf("the cookie is set to %q", c)
	}
	if h.people.ended != "session-booth-guard" {
		t.Errorf("ended %q", h.people.ended)
	}
	if !strings.Contains(a.body, `"atBooth":true`) || strings.Contains(a.body, "ledger.see") {
		t.Errorf("the rights of a manager at a booth: %s", a.body)
	}
	h.do("POST", apiPrefix+"/booth/session", entry).problem(http.StatusForbidden, "no_booth")
	h.do("POST", apiPrefix+"/booth/session", entry, atBooth("hut"), header("Sec-Fetch-Site", "cross-site")).problem(http.StatusForbidden, "forbidden")
	h.booths.err = refusal(operators.BadPIN, "pin", "is wrong")
	a = h.do("POST", apiPrefix+"/booth/session", entry, atBooth("hut"))
	a.problem(http.StatusUnauthorized, "bad_pin")
	if strings.Contains(a.body, "271938") {
		t.Errorf("a PIN is repeated: %s", a.body)
	}
	h.booths.err = refusal(operators.PINLocked, "pin", "is not taken any more")
	h.do("POST", apiPrefix+"/booth/session", entry, atBooth("hut")).problem(http.StatusForbidden, "pin_locked")
}

func TestAtABoothNobodyHasMoreRightsThanAGuard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for r, rule := range accessTable() {
		if rule.who != needsVerb {
			continue
		}
		a := h.do(r.method, r.address(), "", as("booth-administrator"))
		if refused := a.status == http.StatusForbidden; refused == operators.Guard.May(rule.verb) {
			t.Errorf("%s %s of an administrator at a booth: %d", r.method, r.path, a.status)
		}
		a = h.do(r.method, r.address(), "", as("booth-auditor")) // who has fewer rights than a guard keeps those
		if refused := a.status == http.StatusForbidden; refused == (operators.Guard.May(rule.verb) && operators.Auditor.May(rule.verb)) {
			t.Errorf("%s %s of an auditor at a booth: %d", r.method, r.path, a.status)
		}
	}
}

func TestAPINIsSetAndTakenAwayByItsOwner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.do("PUT", apiPrefix+"/session/pin", `{"pin":"271938"}`, as(operators.Guard)).wants(204)
	h.do("DELETE", apiPrefix+"/session/pin", "", as(operators.Guard)).wants(204)
	if want := []string{"o1 sets 271938", "o1 drops the PIN"}; !slices.Equal(h.booths.asks, want) {
		t.Errorf("asked %q", h.booths.asks)
	}
	h.booths.err = refusal(devices.Invalid, "pin", "must be 6 digits")
	a := h.do("PUT", apiPrefix+"/session/pin", `{"pin":"271938"}`, as(operators.Guard))
	a.names("body.pin")
	if strings.Contains(a.body, "271938") {
		t.Errorf("a PIN is repeated: %s", a.body)
	}
}
