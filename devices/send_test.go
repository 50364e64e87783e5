package devices_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/wire"
)

func TestOpenClimbsTheWholeLadder(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		c, g := w.opens()
		w.shows(c.ID, command.Accepted)
		g.written()
		w.shows(c.ID, command.Accepted, command.Sent)
		g.acked()
		w.shows(c.ID, command.Accepted, command.Sent, command.Delivered)
		w.answers(w.gate, c.ID, "done", "")
		w.shows(c.ID, command.Accepted, command.Sent, command.Delivered, command.Done)
		w.says(w.gate, "opening", c.ID)
		w.shows(c.ID, command.Accepted, command.Sent, command.Delivered, command.Done, command.Confirmed)
		if got := len(w.news.commands[c.ID]); got != 5 {
			t.Errorf("the feed was told %d times, want 5", got)
		}
	})
}

func TestTheWireCarriesASignedCommandWithItsDeadline(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.lane)
		asked := time.Now()
		r := w.request(devices.ActionPass)
		r.Args, r.TTL = map[string]string{"direction": "in"}, 7*time.Second
		c := w.send(w.lane, r)
		g := w.link.sent()[0]
		if !wire.Verify(commandKey, string(w.lane.ID), g.command) {
			t.Error("the signature does not fit")
		}
		if wire.Verify(commandKey, string(w.gate.ID), g.command) {
			t.Error("the signature fits another device")
		}
		if g.command.ID != string(c.ID) || g.command.Seq != c.Seq || g.command.Action != "pass" || g.command.Args["direction"] != "in" ||
			g.command.Issued != asked.UnixMilli() || g.command.TTL != 7000 || !g.deadline.Equal(asked.Add(7*time.Second)) {
			t.Errorf("the wire carries %+v until %v", g.command, g.deadline)
		}
	})
}

func TestAnswerAndReportBeforeTheAcknowledgementChangeNothingButTheOrder(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		c, g := w.opens()
		w.says(w.gate, "opening", c.ID)
		w.answers(w.gate, c.ID, "done", "")
		g.acked()
		g.written()
		w.shows(c.ID, command.Accepted, command.Confirmed, command.Done, command.Delivered, command.Sent)
	})
}

func TestMovementThatDoesNotNameTheCommandConfirmsItOnceDone(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		c, g := w.opens()
		g.written()
		w.says(w.gate, "opening", "")
		w.shows(c.ID, command.Accepted, command.Sent)
		w.answers(w.gate, c.ID, "done", "") // the report before it shows the effect
		w.shows(c.ID, command.Accepted, command.Sent, command.Done, command.Confirmed)
	})
}

func TestReportFromBeforeTheOrderConfirmsNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		w.up(w.gate)
		w.says(w.gate, "open", "")
		time.Sleep(time.Second)
		c := w.send(w.gate, w.request(devices.ActionOpen))
		w.answers(w.gate, c.ID, "done", "")
		w.shows(c.ID, command.Accepted, command.Done)
	})
}

func TestSendToAnOfflineDeviceFailsAtOnceAndSaysWhy(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		never := w.send(w.gate, w.request(devices.ActionOpen))
		w.shows(never.ID, command.Accepted, command.Failed)
		if d := detail(never, command.Failed); d != "never connected" {
			t.Errorf("the detail is %q", d)
		}
		w.up(w.gate)
		time.Sleep(time.Second)
		since := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		w.down(w.gate, "keep-alive")
		time.Sleep(time.Minute)
		c := w.send(w.gate, w.request(devices.ActionOpen))
		w.shows(c.ID, command.Accepted, command.Failed)
		if d := detail(c, command.Failed); d != "offline since "+since+", keep-alive" {
			t.Errorf("the detail is %q", d)
		}
		if len(w.link.sent()) != 0 {
			t.Error("something was given to the link")
		}
		rows, err := w.c.Audit(context.Background(), 0, 1)
		w.must(err)
		if rows[0].Outcome != devices.OutcomeRefused || rows[0].Actor != guard || rows[0].Verb != "device.command" {
			t.Errorf("the audit row is %+v", rows[0])
		}
	})
}

func TestSendTwiceWithSameKeyOpensOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		r := w.request(devices.ActionOpen)
		ids := make(chan devices.CommandID, 20)
		for range cap(ids) {
			go func() {
				c, err := w.c.Send(context.Background(), guard, w.gate.ID, r)
				if err != nil {
					t.Error(err)
				}
				ids <- c.ID
			}()
		}
		first := <-ids
		for range cap(ids) - 1 {
			if id := <-ids; id != first {
				t.Errorf("command %s, want %s", id, first)
			}
		}
		w.down(w.gate, "connection lost") // even when it could not be sent now
		if again := w.send(w.gate, r); again.ID != first || command.Shown(again.Ladder) != command.Accepted {
			t.Errorf("the repetition gave %+v", again)
		}
		if n := len(w.link.sent()); n != 1 {
			t.Errorf("%d commands on the wire, want 1", n)
		}
	})
}

func TestSameKeyWithAnotherRequestIsAConflict(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		r := w.request(devices.ActionOpen)
		w.send(w.gate, r)
		for name, change := range map[string]func(*devices.Request){
			"action": func(r *devices.Request) { r.Action = devices.ActionClose },
			"reason": func(r *devices.Request) { r.Reason = "other" },
			"ttl":    func(r *devices.Request) { r.TTL = time.Second },
		} {
			other := r
			change(&other)
			if _, err := w.c.Send(context.Background(), guard, w.gate.ID, other); devices.CodeOf(err) != devices.Conflict {
				t.Errorf("other %s: %v, want a conflict", name, err)
			}
		}
		if n := len(w.link.sent()); n != 1 {
			t.Errorf("%d commands on the wire, want 1", n)
		}
	})
}

func TestSendNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.says(w.gate, "closed", "")
		good := devices.Request{Key: "key-99999", Action: devices.ActionOpen}
		for name, test := range map[string]struct {
			to     devices.DeviceID
			change func(*devices.Request)
			code   devices.Code
			field  string
		}{
			"unknown device":        {"none", func(*devices.Request) {}, devices.NotFound, ""},
			"no key":                {w.gate.ID, func(r *devices.Request) { r.Key = "" }, devices.Invalid, "key"},
			"long key":              {w.gate.ID, func(r *devices.Request) { r.Key = strings.Repeat("k", 65) }, devices.Invalid, "key"},
			"unknown action":        {w.gate.ID, func(r *devices.Request) { r.Action = "explode" }, devices.Invalid, "action"},
			"of another kind":       {w.gate.ID, func(r *devices.Request) { r.Action = devices.ActionPass }, devices.Invalid, "action"},
			"argument of no action": {w.gate.ID, func(r *devices.Request) { r.Args = map[string]string{"x": "1"} }, devices.Invalid, "args.x"},
			"no direction":          {w.lane.ID, func(r *devices.Request) { r.Action = devices.ActionPass }, devices.Invalid, "args.direction"},
			"too long to live":      {w.gate.ID, func(r *devices.Request) { r.TTL = devices.MaxTTL + 1 }, devices.Invalid, "ttlMs"},
			"negative life":         {w.gate.ID, func(r *devices.Request) { r.TTL = -1 }, devices.Invalid, "ttlMs"},
			"long reason":           {w.gate.ID, func(r *devices.Request) { r.Reason = strings.Repeat("长", 201) }, devices.Invalid, "reason"},
		} {
			r := good
			test.change(&r)
			_, err := w.c.Send(context.Background(), guard, test.to, r)
			var e *devices.Error
			if !errors.As(err, &e) || e.Code != test.code || e.Field != test.field {
				t.Errorf("%s: %v, want %s of %q", name, err, test.code, test.field)
			}
		}
		if len(w.link.sent()) != 0 {
			t.Error("something was given to the link")
		}
	})
}

func TestADeviceIsNotOrderedToDoWhatItCannot(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		w.must(w.report(w.gate, wire.State, []byte(`{"at":1,"physical":"closed","capabilities":["open"]}`)))
		_, err := w.c.Send(context.Background(), guard, w.gate.ID, w.request(devices.ActionStop))
		if devices.CodeOf(err) != devices.Invalid {
			t.Errorf("stop: %v, want invalid", err)
		}
		w.send(w.gate, w.request(devices.ActionOpen))
	})
}

func TestCommandsReachTheLinkInTheOrderOfTheirNumbers(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		for range 20 {
			r := w.request(devices.ActionOpen)
			go func() {
				if _, err := w.c.Send(context.Background(), guard, w.gate.ID, r); err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		last := time.Now().UnixMilli() - 1 // not less than the time, so that an older copy of the store gives no number again
		for i, g := range w.link.sent() {
			if g.command.Seq != last+1 {
				t.Errorf("place %d has number %d, want %d", i, g.command.Seq, last+1)
			}
			last = g.command.Seq
		}
	})
}

func TestTheLinkMayReportWhileItIsGivenTheCommand(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		w.link.quick = true
		c, _ := w.opens()
		w.shows(c.ID, command.Accepted, command.Sent)
	})
}

func TestAConnectionThatJustEndedFailsTheCommand(t *testing.T) {
	t.Parallel()
	inWorld(t, func(_ *testing.T, w *world) {
		w.up(w.gate)
		w.link.connect(w.gate.ID, false) // the news of it is still on its way
		c := w.send(w.gate, w.request(devices.ActionOpen))
		w.shows(c.ID, command.Accepted, command.Failed)
	})
}

func TestAnOrderStandsWhenItsSenderGoesAway(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		ctx, leave := context.WithCancel(context.Background())
		w.store.set(func(string) error { leave(); return nil }, nil)
		c, err := w.c.Send(ctx, guard, w.gate.ID, w.request(devices.ActionOpen))
		w.must(err)
		w.shows(c.ID, command.Accepted)
		if len(w.link.sent()) != 1 {
			t.Error("it was not sent")
		}
	})
}

func TestNobodyTakesTheKeyOfAnothersOrder(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.up(w.gate)
		r := w.request(devices.ActionOpen)
		first := w.send(w.gate, r)
		schedule := devices.Actor{Kind: devices.ActorSchedule, ID: guard.ID, Name: "Morning"}
		second, err := w.c.Send(context.Background(), schedule, w.gate.ID, r)
		if err != nil || second.ID == first.ID || second.Actor != schedule {
			t.Errorf("the schedule's order is %+v, %v", second, err)
		}
	})
}
