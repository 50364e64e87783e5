package operators_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestSetupTokenCreatesTheFirstAdministratorOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		operators.PresentForTest(h.svc)
		if !h.svc.Needed(t.Context()) {
			t.Error("setup is not needed in an empty house")
		}
		token := h.newToken()
		if plain := strings.ReplaceAll(token, "-", ""); len(plain) != 26 || time.Until(h.token.Ends) != 24*time.Hour {
			t.Errorf("token %q until %v: want 128 bits for 24 h", token, h.token.Ends)
		}
		sloppy := " " + strings.ToLower(strings.ReplaceAll(token, "-", " ")) + "\n"
		o, session, err := h.svc.Setup(t.Context(), sloppy, operators.Account{Name: " Li ", Password: goodPassword, Language: "zh-CN"}, from("192.0.2.1"))
		if err != nil {
			t.Fatal(err)
		}
		if o.Name != "Li" || o.Role != operators.Administrator || o.Language != "zh-CN" || !strings.HasPrefix(o.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("operator %+v", o)
		}
		if h.svc.Needed(t.Context()) {
			t.Error("setup is still needed")
		}
		if h.token != (operators.SetupToken{}) {
			t.Error("the token that was used is kept")
		}
		h.session(session)
		_, _, err = h.svc.Setup(t.Context(), token, operators.Account{Name: "Eve", Password: goodPassword}, from("192.0.2.9"))
		wantCode(t, err, devices.Conflict)
		if len(h.store.operators) != 1 || h.store.audit[0].Verb != "operator.setup" || h.store.audit[1].Verb != "session.create" {
			t.Errorf("%d operators, audit %+v", len(h.store.operators), h.store.audit)
		}
	})
}

func TestSetupRefusesWrongOldAndTooManyTokens(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		try := func(token string) error {
			_, _, err := h.svc.Setup(t.Context(), token, operators.Account{Name: "Li", Password: goodPassword}, from("192.0.2.1"))
			return err
		}
		wantCode(t, try(""), operators.BadToken) // there is none yet
		first := h.newToken()
		token := h.newToken()
		wantCode(t, try(first), operators.BadToken)
		for range 3 {
			wantCode(t, try("AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-A"), operators.BadToken)
		}
		wantWait(t, try(token), time.Minute)
		time.Sleep(24*time.Hour + time.Second)
		wantCode(t, try(token), operators.BadToken)
		token = h.newToken()
		if err := try(token); err != nil {
			t.Error(err)
		}
	})
}

func TestATokenThatIsNoneOfThisProgramSetsNothingUp(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for name, token := range map[string]operators.SetupToken{
			"none":         {},
			"empty":        {Ends: time.Now().Add(time.Hour)},
			"short":        {Text: "AAAAA", Ends: time.Now().Add(time.Hour)},
			"without end":  {Text: h.newToken()},
			"good forever": {Text: h.newToken(), Ends: time.Now().Add(1000 * time.Hour)},
		} {
			h.token = token
			_, _, err := h.svc.Setup(t.Context(), token.Text, operators.Account{Name: "Li", Password: goodPassword}, from("192.0.2.1"))
			if devices.CodeOf(err) != operators.BadToken {
				t.Errorf("%s: %v", name, err)
			}
			time.Sleep(time.Minute)
		}
		svc := operators.New(operators.Deps{Store: h.store}) // nothing keeps tokens
		_, _, err := svc.Setup(t.Context(), "", operators.Account{Name: "Li", Password: goodPassword}, from("192.0.2.1"))
		wantCode(t, err, operators.BadToken)
	})
}

func TestSetupWithABadAccountNamesTheFieldAndKeepsTheToken(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		token := h.newToken()
		for _, c := range []struct {
			field   string
			account operators.Account
		}{
			{"name", operators.Account{Name: "", Password: goodPassword}},
			{"name", operators.Account{Name: strings.Repeat("x", 65), Password: goodPassword}},
			{"name", operators.Account{Name: "a\x00b", Password: goodPassword}},
			{"password", operators.Account{Name: "Li", Password: "elevenchars"}},
			{"password", operators.Account{Name: "Li", Password: strings.Repeat("ab cd", 26)}},
			{"password", operators.Account{Name: "Li", Password: "Password1234!"}},
			{"password", operators.Account{Name: "Li", Password: "qwertyuiop12"}},
			{"password", operators.Account{Name: "Li", Password: "123456789012"}},
			{"password", operators.Account{Name: "Li", Password: "aaaaaaaaaaaaa"}},
			{"password", operators.Account{Name: "Li", Password: "abc123abc123"}},
			{"password", operators.Account{Name: "Li", Password: "5201314520131452"}},
			{"password", operators.Account{Name: "Li", Password: "Admin_Admin_2026"}},
			{"password", operators.Account{Name: "zhang.wei.min", Password: "zhangweimin2026"}},
			{"password", operators.Account{Name: "Li", Password: "............"}},
			{"language", operators.Account{Name: "Li", Password: goodPassword, Language: "fr"}},
		} {
			_, _, err := h.svc.Setup(t.Context(), token, c.account, from("192.0.2.1"))
			var e *devices.Error
			if !errors.As(err, &e) || e.Code != devices.Invalid || e.Field != c.field {
				t.Errorf("%+v: %v, want invalid %s", c.account, err, c.field)
			}
			if err != nil && c.field == "password" && c.account.Password != "" && strings.Contains(err.Error(), c.account.Password) {
				t.Errorf("the error repeats the password: %v", err)
			}
		}
		for _, fine := range []string{"四只安静的苍鹭在水里走着呢", "tr0ub4dor & 3 horses", strings.Repeat("xy z1", 25) + "abc"} {
			h.store.set(func(m *memory) { clear(m.operators) })
			svc := operators.New(operators.Deps{Store: h.store, SetupTokens: h})
			if _, _, err := svc.Setup(t.Context(), h.newToken(), operators.Account{Name: "Li", Password: fine}, from("192.0.2.1")); err != nil {
				t.Errorf("%q: %v", fine, err)
			}
		}
	})
}

func TestNeededIsCheapAndFailsClosed(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for range 100 {
			if !h.svc.Needed(t.Context()) {
				t.Error("not needed")
			}
		}
		if h.store.reads != 1 {
			t.Errorf("%d reads in one second, want 1", h.store.reads)
		}
		h.settle()
		before := h.store.reads
		h.store.set(func(m *memory) { m.fail = errDisk })
		for range 100 {
			if h.svc.Needed(t.Context()) {
				t.Error("needed again")
			}
		}
		if h.store.reads != before {
			t.Error("the store is asked although the answer cannot change")
		}
		fresh := operators.New(operators.Deps{Store: h.store})
		if !fresh.Needed(t.Context()) {
			t.Error("lets people in although nothing is known")
		}
		h.store.set(func(m *memory) { m.fail = nil })
		if fresh.Needed(t.Context()) {
			t.Error("does not ask again at once when the store is back")
		}
	})
}
