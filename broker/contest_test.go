package broker

import (
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
)

func TestTwoWhoFightOverAClientIdentifierAreTold(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]option{"clean": clean, "kept": keep} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, nil)
				const notice = "a client identifier is fought over"
				fight := func(times int) {
					t.Helper()
					for range times {
						h.over(packet.V5, "c", kind)
						synctest.Wait()
						time.Sleep(5 * time.Second)
					}
				}
				fight(contestFrom) // the first has nobody to take over
				if s := h.b.Stats(); h.said.has(notice) || s.Contested != 0 || h.b.Clients()[0].Contested || s.TakeOvers != contestFrom-1 {
					t.Fatalf("told too early: %+v", s)
				}
				fight(1)
				if s := h.b.Stats(); !h.said.has(notice) || !h.said.has("level=WARN") || s.Contested != 1 || h.b.Clients()[0].TakeOvers != contestFrom || !h.b.Clients()[0].Contested {
					t.Fatalf("not told: %+v", s)
				}
				time.Sleep(contestPeace)
				if s := h.b.Stats(); s.Contested != 0 || s.TakeOvers != contestFrom || h.b.Clients()[0].TakeOvers != 0 || len(h.b.contests) != 0 {
					t.Fatalf("it is over: %+v", s)
				}
			})
		})
	}
}

func TestWhoComesBackNowAndThenFightsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		for range 3 * contestFrom {
			h.over(packet.V311, "c", keep)
			synctest.Wait()
			time.Sleep(contestPeace + time.Second)
		}
		if h.said.has("fought over") {
			t.Fatal("told of a fight")
		}
	})
}
