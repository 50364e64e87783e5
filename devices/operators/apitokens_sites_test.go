package operators_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// inLimitedOffice is inOffice over a property.
func inLimitedOffice(t *testing.T, run func(t *testing.T, h *office)) {
	inProperty(t, func(t *testing.T, h *house) {
		h.free()
		o, _ := h.settle()
		s := &shelf{tokens: map[operators.APITokenID]operators.APIToken{}}
		run(t, &office{house: h, shelf: s, tokens: operators.NewAPITokens(h.svc, s, slog.New(slog.DiscardHandler)), maker: o})
	})
}

func TestAnAPITokenIsLimitedToSitesThatItsMakerReaches(t *testing.T) {
	inLimitedOffice(t, func(t *testing.T, h *office) {
		limited := h.maker // nobody has such an account today: the domain does not count on that
		limited.Scope = garden
		zoned := h.maker
		zoned.Scope = devices.Scope{Places: []devices.Place{{Site: "garden", Zone: "north"}}}
		see, later := []devices.Verb{devices.SeeDevices}, time.Now().Add(time.Hour)
		for _, c := range []struct {
			maker operators.Operator
			field string
			verbs []devices.Verb
			sites []devices.SiteID
		}{
			{h.maker, "sites", see, []devices.SiteID{"moon"}},
			{h.maker, "sites", see, []devices.SiteID{""}},
			{h.maker, "sites", see, []devices.SiteID{"garden", "garden"}},
			{limited, "sites", see, []devices.SiteID{"garden", "harbour"}},
			{zoned, "sites", see, []devices.SiteID{"garden"}},
			{h.maker, "verbs", []devices.Verb{devices.SeeDevices, devices.SeeAudit}, []devices.SiteID{"garden"}},
			{h.maker, "verbs", []devices.Verb{devices.ManageBroker}, []devices.SiteID{"garden"}},
		} {
			_, _, err := h.tokens.Issue(t.Context(), boss, c.maker, operators.NewAPIToken{Name: "x", Verbs: c.verbs, Sites: c.sites, Ends: later})
			wantField(t, err, devices.Invalid, c.field)
		}
		if len(h.shelf.tokens) != 0 {
			t.Fatalf("%d tokens were made", len(h.shelf.tokens))
		}
		x, _, err := h.tokens.Issue(t.Context(), boss, h.maker, operators.NewAPIToken{Name: "x", Verbs: see, Sites: []devices.SiteID{"garden"}, Ends: later})
		if err != nil {
			t.Fatal(err)
		}
		if a := h.shelf.audit[0]; !strings.Contains(a.Detail, `"sites":["garden"]`) {
			t.Errorf("the trail says %s", a.Detail)
		}
		again := operators.NewAPITokens(h.svc, h.shelf, slog.New(slog.DiscardHandler))
		if err := again.Load(t.Context()); err != nil || len(again.List()) != 1 || again.List()[0].Sites[0] != "garden" || again.List()[0].ID != x.ID {
			t.Errorf("after a restart: %+v, %v", again.List(), err)
		}
	})
}

func TestAnAPITokenReachesWhatItAndItsMakerBothReach(t *testing.T) {
	inLimitedOffice(t, func(t *testing.T, h *office) {
		reach := func(maker operators.Operator, sites ...devices.SiteID) devices.Reach {
			x := operators.APIToken{Verbs: operators.Verbs(operators.Administrator), Sites: sites}
			return h.svc.Reach(x.Grant(h.svc.GrantOf(maker)))
		}
		limited := h.maker
		if !reach(limited).Everything() || reach(limited, "garden").Key() != garden.Reach(time.Now(), property{}.Clocks()).Key() {
			t.Error("of the whole property")
		}
		limited.Scope = devices.Scope{Places: []devices.Place{{Site: "garden", Zone: "north"}, {Site: "harbour"}}}
		if r := reach(limited, "garden"); !r.Place("garden", "north") || r.Place("garden", "garage") || r.Part("harbour") {
			t.Errorf("of a zone and a site: %q", r.Key())
		}
		limited.Scope = devices.Scope{Places: []devices.Place{{Site: "harbour"}}}
		if r := reach(limited, "garden"); !r.Nothing() {
			t.Errorf("of another site: %q", r.Key())
		}
		limited.Scope = devices.Scope{Hours: devices.Hours{{Days: []time.Weekday{(time.Now().UTC().Weekday() + 3) % 7}, From: 0, To: 60}}}
		if r := reach(limited, "garden"); !r.Nothing() {
			t.Errorf("at another hour: %q", r.Key())
		}
		g := operators.APIToken{Verbs: operators.Verbs(operators.Administrator), Sites: []devices.SiteID{"garden"}}.Grant(h.svc.GrantOf(h.maker))
		for _, v := range []devices.Verb{devices.ManageAccess, devices.SeeAudit, devices.SeeBroker, devices.ManageBroker} {
			if g.May(v) {
				t.Errorf("a token of a part has %s over the whole", v)
			}
		}
		if !g.May(devices.CommandDevices) || !g.Limited() {
			t.Errorf("its grant is %+v", g)
		}
	})
}
