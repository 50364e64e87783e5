package operators_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gatehouse/devices/operators"
	"gatehouse/prove"
)

// idleOfRole is how long somebody of a role may look on without a request.
func idleOfRole(r operators.Role) time.Duration {
	if r == operators.Administrator {
		return 15 * time.Minute
	}
	return 12 * time.Hour
}

// walk uses a session at random times until it has ended, and says how often it was in, and whether it ended
// when it should.
func (h *house) walk(t *testing.T, random *rand.Rand, role operators.Role) (used int, right bool) {
	t.Helper()
	token, err := h.login("Li", goodPassword, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	began, idle := time.Now(), idleOfRole(role)
	for {
		pause := time.Duration(random.Int64N(int64(idle/time.Second)*9/8)) * time.Second
		if random.IntN(4) == 0 { // the instants about its end
			pause = min(idle, time.Until(began.Add(12*time.Hour))) + time.Duration(random.IntN(2)*4-2)*time.Millisecond
		}
		time.Sleep(pause)
		alive := pause < idle && time.Since(began) < 12*time.Hour
		if _, _, err := h.svc.Authenticate(t.Context(), token); (err == nil) != alive {
			t.Errorf("%s: %s after it began, %s without use: in %v, want %v", role, time.Since(began), pause, err == nil, alive)
			return used, false
		}
		if !alive {
			return used, true
		}
		used++
	}
}

// Sessions end at both of their limits, whatever their use (OWASP ASVS 5.0 7.3.1, 7.3.2).
func TestSessionsEndAtTheirLimitsWhateverTheirUse(t *testing.T) {
	seed := prove.Seed(t)
	inHouse(t, func(t *testing.T, h *house) {
		random := rand.New(rand.NewPCG(uint64(seed), 3))
		o, _ := h.settle()
		roles := []operators.Role{operators.Administrator, operators.Guard, operators.Manager, operators.Installer, operators.Auditor}
		n, uses, wrong := prove.Size(15, 1000), 0, 0
		for i := range n {
			role := roles[i%len(roles)]
			h.store.set(func(m *memory) { o.Role = role; m.operators[o.ID] = o })
			h.free()
			used, right := h.walk(t, random, role)
			if uses += used; !right {
				wrong++
			}
		}
		prove.Record(t, "sessions end after 15 min without use (administrators) and 12 h in all, to 2 ms", "0 early, 0 late", fmt.Sprintf("%d sessions used %d times: %d wrong", n, uses, wrong))
	})
}

// codesOf are the steps whose codes are good now, of those that were not used.
func codesOf(t *testing.T, p program, after int64) (steps []int64, codes []string) {
	t.Helper()
	now := time.Now().Unix() / 30
	for step := max(now-1, after+1); step <= now+1; step++ {
		steps, codes = append(steps, step), append(codes, p.code(t, time.Unix(step*30, 0)))
	}
	return steps, codes
}

// A code counts about its time, and after no later one (RFC 6238 5.2; OWASP ASVS 5.0 6.5.1, 6.5.5).
func TestACodeCountsOnceWithinAStepOfItsTime(t *testing.T) {
	seed := prove.Seed(t)
	inHouse(t, func(t *testing.T, h *house) {
		random := rand.New(rand.NewPCG(uint64(seed), 4))
		_, session := h.settle()
		p, _ := h.equip(session)
		last, shown := time.Now().Unix()/30, []string{p.code(t, time.Now())}
		n, in, wrong := prove.Size(40, 3000), 0, 0
		for i := range n {
			time.Sleep(time.Minute + time.Duration(random.Int64N(int64(time.Minute)))) // no throttle minds
			at := time.Now().Add(time.Duration(random.IntN(13)-6) * 15 * time.Second)
			switch random.IntN(8) {
			case 0:
				at = time.Now().Add(time.Duration(random.IntN(7200)-3600) * time.Second)
			case 1, 2:
				at = time.Now()
			}
			code := p.code(t, at)
			if i%5 == 4 {
				code = shown[random.IntN(len(shown))]
			}
			steps, codes := codesOf(t, p, last)
			k := slices.Index(codes, code)
			_, err := h.loginWith(goodPassword, code)
			if (err == nil) != (k >= 0) {
				wrong++
				t.Errorf("try %d: a code of %s from now is taken: %v, want %v (%v)", i, time.Until(at), err == nil, k >= 0, err)
			}
			if err == nil && k >= 0 {
				in++
				last, shown = steps[k], append(shown, code)
			}
		}
		prove.Record(t, "codes of a second factor at random times, used ones among them", "each taken once, within a step of its time, and after no later one", fmt.Sprintf("%d tries, %d taken, %d wrongly", n, in, wrong))
	})
}
