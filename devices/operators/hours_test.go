package operators_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// Whoever was seen in this run is told of when their hours end: what they ordered and is
// not sent is taken back, and their live connections end.
func TestTheEndOfHoursIsToldOnceWhoeverAsksMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		before func(h *house, tokens *operators.APITokens, session, text string) // the end
		after  func(h *house, session string)                                    // 50 ms after it
	}{
		"by a browser between the end and the next look": {
			before: func(h *house, _ *operators.APITokens, session, _ string) { h.session(session) },
			after:  func(h *house, session string) { h.session(session) },
		},
		"by a browser that is signed out": {
			before: func(h *house, _ *operators.APITokens, session, _ string) {
				h.session(session)
				if err := h.svc.Logout(h.t.Context(), session, from("192.0.2.7")); err != nil {
					h.t.Error(err)
				}
			},
		},
		"by a program only": {
			before: func(h *house, tokens *operators.APITokens, _, text string) {
				if _, _, err := tokens.Check(h.t.Context(), text, "192.0.2.8"); err != nil {
					h.t.Error(err)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inProperty(t, func(t *testing.T, h *house) {
				end, chen, session := h.shift()
				shelf := &shelf{tokens: map[operators.APITokenID]operators.APIToken{}}
				_, text, err := operators.NewAPITokens(h.svc, shelf, slog.New(slog.DiscardHandler)).Issue(t.Context(), boss, chen,
					operators.NewAPIToken{Name: "Meter", Verbs: []devices.Verb{devices.SeeDevices}, Ends: end.Add(time.Hour)})
				if err != nil {
					t.Fatal(err)
				}

				// A server that was started again has seen nobody.
				h.svc = operators.New(operators.Deps{Store: h.store, Seal: plainly{}, SetupTokens: h, Property: property{}})
				h.free()
				tokens := operators.NewAPITokens(h.svc, shelf, slog.New(slog.DiscardHandler))
				if err := tokens.Load(t.Context()); err != nil {
					t.Fatal(err)
				}
				told := h.told()
				time.Sleep(200 * time.Millisecond) // so that it looks 200 ms after the end
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() { defer close(ended); _ = h.svc.Run(ctx) }()

				time.Sleep(time.Until(end) - time.Minute)
				c.before(h, tokens, session, text)
				time.Sleep(time.Until(end) + 50*time.Millisecond)
				if c.after != nil {
					c.after(h, session)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if got, want := told(), []string{"hours of Chen leaves ", "watch of " + string(chen.ID)}; !slices.Equal(got, want) {
					t.Errorf("told %q, want %q", got, want)
				}
				stop()
				<-ended
			})
		})
	}
}

// Taking back what somebody ordered may last as long as the store does not answer: live connections of others end in time.
func TestOthersSessionsEndInTimeWhileWhatWasOrderedIsBeingTakenBack(t *testing.T) {
	inProperty(t, func(t *testing.T, h *house) {
		end, _, session := h.shift()
		h.session(session)
		administrators, err := h.login("Li", goodPassword, "192.0.2.2")
		if err != nil {
			t.Fatal(err)
		}
		h.session(administrators)
		ctx, stop := context.WithCancel(t.Context())
		var begun atomic.Bool
		h.svc.OnCommandLost(func(ctx context.Context, _ devices.Actor, _ operators.Operator, _ devices.Reach) {
			begun.Store(true)
			<-ctx.Done()
		})
		h.store.onDelete = func() { <-ctx.Done() } // else the sweep may end the session first, which is told in another way
		told := h.told()
		ended := make(chan struct{})
		go func() { defer close(ended); _ = h.svc.Run(ctx) }()
		time.Sleep(time.Until(end) + time.Second)
		synctest.Wait()
		if !begun.Load() {
			t.Error("nothing is being taken back")
		}
		before := len(told())
		time.Sleep(15 * time.Minute) // without a request of the administrator
		synctest.Wait()
		if got := told(); len(got) != before+1 {
			t.Errorf("told %q, %d of it before; want the end of the administrator's session, too", got, before)
		}
		stop()
		<-ended
	})
}

// shift is somebody whose hours end soon, with a session.
func (h *house) shift() (end time.Time, o operators.Operator, session string) {
	h.t.Helper()
	h.free()
	h.settle()
	o, first, session := h.hire("Chen", operators.Guard)
	h.own(o, session, first)
	now := time.Now().UTC() // midnight in a bubble
	end = now.Truncate(time.Minute).Add(3 * time.Minute)
	hours := garden
	hours.Hours = devices.Hours{{Days: []time.Weekday{now.Weekday()}, From: 0, To: end.Hour()*60 + end.Minute()}}
	o, err := h.svc.SetRights(h.t.Context(), boss, o.ID, scopeOnly(hours))
	if err != nil {
		h.t.Fatal(err)
	}
	return end, o, session
}

// told has the house's news of rights noted; what it gives is in a fixed order.
func (h *house) told() func() []string {
	var mu sync.Mutex // guards all
	var all []string
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, what)
	}
	h.svc.OnCommandLost(func(_ context.Context, by devices.Actor, o operators.Operator, left devices.Reach) {
		note(by.ID + " of " + o.Name + " leaves " + left.Key())
	})
	h.svc.OnWatchChange(func(id operators.ID) { note("watch of " + string(id)) })
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Sorted(slices.Values(all))
	}
}
