package alarms_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/command"
	"gatehouse/devices/presence"
	"gatehouse/devices/wire"
	"gatehouse/prove"
)

func TestEveryEventThatIsAnAlarmRaisesItsOwn(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]alarms.Type{
		"fire": alarms.Fire, "forced_open": alarms.ForcedOpen, "held_open_too_long": alarms.HeldOpenTooLong, "tamper": alarms.Tamper, "fault": alarms.Fault,
		"tailgating": alarms.Tailgating, "reverse_entry": alarms.ReverseEntry, "climb_over": alarms.ClimbOver, "pass_timeout": alarms.PassTimeout,
		"opened_without_command": alarms.OpenedWithoutCommand,
	} {
		inHouse(t, func(_ *testing.T, h *house) {
			id := h.says(lane, event)
			a := h.only()
			k, _ := alarms.KindOf(want)
			state := alarms.Over
			if k.Stands {
				state = alarms.Raised
			}
			h.is(a, want, state, 1, alarms.Loud)
			if a.Severity != k.Severity || a.Device != lane.ID || a.Zone != lane.Zone || a.Cause != (alarms.Cause{Kind: alarms.CauseEvent, ID: "t1/" + string(id)}) {
				h.t.Errorf("%s: alarm is %+v", event, a)
			}
		})
	}
}

func TestPassagesAndCommandedMovementsRaiseNone(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.says(lane, "passage", func(e *devices.Event) { e.Result, e.Reason = "denied", "unauthorized" })
		h.says(gate, "snapshot")
		for _, trigger := range []string{"command", "vehicle", ""} {
			h.says(gate, "movement", func(e *devices.Event) { e.Physical, e.Trigger = devices.Open, trigger })
		}
		h.says(gate, "movement", func(e *devices.Event) { e.Physical, e.Trigger = devices.Closed, "hand" })
		h.ends(gate, command.Sent, command.Done, command.Confirmed)
		h.ends(gate, command.Failed)
		h.ends(gate, command.Refused)
		h.none()
	})
}

func TestMovementThatNobodyCommandedRaisesOne(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		for i, trigger := range []string{"hand", "remote", "button"} {
			h.says(gate, "movement", func(e *devices.Event) { e.Physical, e.Trigger = devices.MovingOpen, trigger })
			a := h.only()
			h.is(a, alarms.OpenedWithoutCommand, alarms.Over, int64(i+1), alarms.Loud)
			if a.Detail != trigger {
				h.t.Errorf("detail is %q", a.Detail)
			}
		}
	})
}

func TestCommandWithoutEffectRaisesOneHoweverMuchIsLearnedLater(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		c := h.ends(gate, command.Sent, command.Uncertain)
		a := h.only()
		h.is(a, alarms.Uncertain, alarms.Over, 1, alarms.Loud)
		h.learns(c, command.Delivered, command.Done) // after the end: the row is read again
		h.is(h.only(), alarms.Uncertain, alarms.Over, 1, alarms.Loud)
		h.ends(gate, command.Done, command.DidNotMove)
		h.settle()
		if open := h.s.Open(); len(open) != 2 || open[0].Type != alarms.DidNotMove || open[0].Detail != "open" {
			h.t.Errorf("open are %+v", open)
		}
	})
}

func TestRepetitionIsCountedAndNotRaisedAgain(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.says(lane, "tailgating")
		first := h.only()
		time.Sleep(time.Minute)
		h.says(lane, "tailgating")
		h.says(lane, "tailgating")
		a := h.only()
		h.is(a, alarms.Tailgating, alarms.Over, 3, alarms.Loud)
		if a.ID != first.ID || !a.LastSeen.After(first.LastSeen.Add(50*time.Second)) || !a.Raised.Equal(first.Raised) {
			h.t.Errorf("first %+v, now %+v", first, a)
		}
		_, err := h.s.Acknowledge(context.Background(), guard, a.ID, "")
		h.must(err)
		h.none()
		h.says(lane, "tailgating")
		if again := h.only(); again.ID == a.ID || again.Count != 1 {
			h.t.Errorf("after the end: %+v", again)
		}
	})
}

func TestConditionStandsUntilItIsOverAndSeen(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.reports(gate, func(s *devices.State) { s.Fault = "E7" })
		a := h.only()
		h.is(a, alarms.Fault, alarms.Raised, 1, alarms.Loud)
		h.reports(gate, func(s *devices.State) { s.Fault = "E7" })
		h.is(h.only(), alarms.Fault, alarms.Raised, 1, alarms.Loud)
		h.reports(gate, nil)
		h.is(h.only(), alarms.Fault, alarms.Over, 1, alarms.Loud)
		h.reports(gate, func(s *devices.State) { s.Fault = "E8" })
		back := h.only()
		h.is(back, alarms.Fault, alarms.Raised, 2, alarms.Loud)
		if back.Detail != "E8" || back.ID != a.ID {
			h.t.Errorf("back is %+v", back)
		}
		_, err := h.s.Acknowledge(context.Background(), guard, a.ID, "我去看")
		h.must(err)
		h.is(h.only(), alarms.Fault, alarms.Acknowledged, 2, alarms.Silent)
		h.reports(gate, nil)
		h.none()
		end, whats := h.now(a.ID)
		if end.State() != alarms.Resolved || end.ResolvedBy.Kind != devices.ActorSystem || end.AcknowledgedBy.Name != guard.Name {
			h.t.Errorf("in the end %+v", end)
		}
		want := []alarms.What{alarms.WasRaised, alarms.WasOver, alarms.WasBack, alarms.WasAcknowledged, alarms.WasOver, alarms.WasResolved}
		if !slices.Equal(whats, want) {
			h.t.Errorf("history is %v", whats)
		}
	})
}

func TestEventAndStateOfOneOccurrenceAreOne(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.says(gate, "tamper")
		time.Sleep(time.Millisecond)
		h.reports(gate, func(s *devices.State) { s.Tamper = true })
		h.is(h.only(), alarms.Tamper, alarms.Raised, 1, alarms.Loud)
		h.reports(gate, nil)
		h.is(h.only(), alarms.Tamper, alarms.Over, 1, alarms.Loud)
		h.reports(gate, func(s *devices.State) { s.Tamper = true }) // this time the state is first
		h.says(gate, "tamper")
		h.is(h.only(), alarms.Tamper, alarms.Raised, 2, alarms.Loud)
	})
}

func TestOldReportDoesNotEndWhatAnEventSaidLater(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.reports(gate, nil)
		time.Sleep(time.Second)
		h.says(gate, "forced_open")
		h.is(h.only(), alarms.ForcedOpen, alarms.Raised, 1, alarms.Loud)
		h.reports(gate, nil)
		h.is(h.only(), alarms.ForcedOpen, alarms.Over, 1, alarms.Loud)
	})
}

func TestWhatADeviceSaidBeforeItWentAwayEndsNothing(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.reports(gate, func(s *devices.State) { s.Tamper = true })
		h.away(gate, "keep-alive")
		h.settle()
		h.is(h.only(), alarms.Tamper, alarms.Raised, 1, alarms.Loud)
		time.Sleep(devices.Grace(gate.Kind))
		h.settle()
		if open := h.s.Open(); len(open) != 2 || open[0].Type != alarms.Offline || open[0].Detail != "keep-alive" {
			h.t.Errorf("open are %+v", open)
		}
	})
}

func TestAbsenceIsAnAlarmAfterItsGrace(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.away(gate, "reset")
		time.Sleep(devices.Grace(gate.Kind) - 5*time.Second)
		h.none()
		h.reports(gate, nil) // back in time
		time.Sleep(time.Hour)
		h.none()
		h.away(gate, "reset")
		time.Sleep(devices.Grace(gate.Kind))
		h.is(h.only(), alarms.Offline, alarms.Raised, 1, alarms.Loud)
		h.reports(gate, nil)
		h.is(h.only(), alarms.Offline, alarms.Over, 1, alarms.Loud)
	})
}

func TestCommandWhoseRecordIsPendingIsAnAlarmUntilItIsWritten(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		l := devices.Live{Device: gate, Link: presence.Link{Status: presence.Online, Since: time.Now()}, RecordPending: time.Now().UTC()}
		h.news.Device(l)
		h.is(h.only(), alarms.RecordPending, alarms.Raised, 1, alarms.Loud)
		l.RecordPending = time.Time{}
		h.news.Device(l)
		h.is(h.only(), alarms.RecordPending, alarms.Over, 1, alarms.Loud)
	})
}

func TestConditionsOfLinkPowerAndClockAreAlarms(t *testing.T) {
	t.Parallel()
	for want, change := range map[alarms.Type]func(*devices.Live){
		alarms.Flapping:        func(l *devices.Live) { l.Link.Flapping = true },
		alarms.LowPower:        func(l *devices.Live) { l.State.Power = devices.LowBattery },
		alarms.ClockDrift:      func(l *devices.Live) { l.State.Drift = devices.Drift{By: 9 * time.Second, At: time.Now()} },
		alarms.ConfigDrift:     func(l *devices.Live) { l.Configured = devices.ConfigDrifting },
		alarms.ForcedOpen:      func(l *devices.Live) { l.State.Alarm = devices.ForcedOpen },
		alarms.HeldOpenTooLong: func(l *devices.Live) { l.State.Alarm = devices.HeldOpenTooLong },
		alarms.Fault:           func(l *devices.Live) { l.State.Physical = devices.Fault },
	} {
		inHouse(t, func(_ *testing.T, h *house) {
			well := func() devices.Live {
				now := time.Now().UTC()
				return devices.Live{Device: gate, Link: presence.Link{Status: presence.Online, Since: now}, State: devices.State{Physical: devices.Open, ReportedAt: now}}
			}
			h.news.Device(well())
			h.none()
			ill := well()
			change(&ill)
			h.news.Device(ill)
			h.is(h.only(), want, alarms.Raised, 1, alarms.Loud)
			h.news.Device(well())
			h.is(h.only(), want, alarms.Over, 1, alarms.Loud)
		})
	}
}

func TestDeviceThatWasNeverThereRaisesNone(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.news.Device(devices.Live{Device: gate, Link: presence.Link{Status: presence.NeverSeen}})
		time.Sleep(time.Hour)
		h.none()
	})
}

func TestNobodyInTimeMakesACriticalAlarmLouder(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.says(gate, "forced_open")
		time.Sleep(5*time.Minute - 10*time.Second)
		h.is(h.only(), alarms.ForcedOpen, alarms.Raised, 1, alarms.Loud)
		time.Sleep(10 * time.Second)
		a := h.only()
		h.is(a, alarms.ForcedOpen, alarms.Raised, 1, alarms.Escalated)
		if _, whats := h.now(a.ID); whats[len(whats)-1] != alarms.WasEscalated {
			h.t.Errorf("history is %v", whats)
		}
		_, err := h.s.Acknowledge(context.Background(), guard, a.ID, "")
		h.must(err)
		h.is(h.only(), alarms.ForcedOpen, alarms.Acknowledged, 1, alarms.Silent)
	})
}

func TestLesserAlarmIsNotEscalated(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.says(gate, "tamper")
		time.Sleep(48 * time.Hour)
		h.is(h.only(), alarms.Tamper, alarms.Raised, 1, alarms.Loud)
	})
}

func TestMutedAlarmIsRecordedAndNotLoudUntilTheMuteIsOver(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.says(gate, "forced_open")
		open := h.only()
		until := time.Now().Add(time.Hour)
		_, err := h.s.Mute(context.Background(), guard, alarms.MuteRequest{Device: gate.ID, Until: until, Reason: "换电机"})
		h.must(err)
		h.is(h.only(), alarms.ForcedOpen, alarms.Raised, 1, alarms.Silent)
		h.says(gate, "tamper")
		h.settle()
		for _, a := range h.s.Open() {
			if a.Loudness() != alarms.Silent {
				h.t.Errorf("%s is %s", a.Type, a.Loudness())
			}
		}
		time.Sleep(time.Hour)
		a, whats := h.now(open.ID)
		h.is(a, alarms.ForcedOpen, alarms.Raised, 1, alarms.Escalated) // nobody has come for an hour
		if !slices.Contains(whats, alarms.WasMuted) || !slices.Contains(whats, alarms.WasUnmuted) || len(h.s.Mutes()) != 0 {
			h.t.Errorf("history is %v, mutes %v", whats, h.s.Mutes())
		}
	})
}

func TestMuteThatIsProlongedAtItsEndHolds(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		mute := func(span time.Duration) {
			_, err := h.s.Mute(context.Background(), guard, alarms.MuteRequest{Device: gate.ID, Until: time.Now().Add(span), Reason: "换电机"})
			h.must(err)
		}
		mute(10 * time.Second)
		time.Sleep(9500 * time.Millisecond)
		h.store.takes(3 * time.Second)
		mute(time.Hour) // the first ends meanwhile
		h.store.takes(0)
		h.says(gate, "forced_open")
		h.is(h.only(), alarms.ForcedOpen, alarms.Raised, 1, alarms.Silent)
	})
}

func TestServersClockThatIsSetBackLetsConditionsEnd(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.says(gate, "tamper", func(e *devices.Event) { e.ArrivedAt = e.ArrivedAt.Add(time.Hour) }) // by the clock of then
		h.is(h.only(), alarms.Tamper, alarms.Raised, 1, alarms.Loud)
		h.reports(gate, nil)
		h.is(h.only(), alarms.Tamper, alarms.Over, 1, alarms.Loud)
	})
}

func TestCommentOfASecondAcknowledgementIsKept(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.reports(gate, func(s *devices.State) { s.Tamper = true })
		a := h.only()
		for _, comment := range []string{"我去看", "锁坏了", ""} {
			_, err := h.s.Acknowledge(context.Background(), guard, a.ID, comment)
			h.must(err)
		}
		_, entries, err := h.s.Get(context.Background(), a.ID)
		h.must(err)
		if len(entries) != 3 || entries[0].What != alarms.WasCommented || entries[0].Text != "锁坏了" || entries[1].Text != "我去看" {
			h.t.Errorf("history is %+v", entries)
		}
	})
}

func TestMuteOfATypeLeavesTheOthersLoud(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		mute := func(typ alarms.Type) {
			_, err := h.s.Mute(context.Background(), guard, alarms.MuteRequest{Device: gate.ID, Type: typ, Until: time.Now().Add(time.Hour), Reason: "x"})
			h.must(err)
		}
		mute(alarms.Fault)
		h.reports(gate, func(s *devices.State) { s.Fault, s.Tamper = "E1", true })
		loud := func() map[alarms.Type]alarms.Loudness {
			h.settle()
			all := map[alarms.Type]alarms.Loudness{}
			for _, a := range h.s.Open() {
				all[a.Type] = a.Loudness()
			}
			return all
		}
		if l := loud(); l[alarms.Fault] != alarms.Silent || l[alarms.Tamper] != alarms.Loud {
			h.t.Errorf("%v", l)
		}
		mute("")
		h.must(h.s.Unmute(context.Background(), guard, gate.ID, alarms.Fault)) // the other one covers it still
		if l := loud(); l[alarms.Fault] != alarms.Silent || l[alarms.Tamper] != alarms.Silent {
			h.t.Errorf("%v", l)
		}
		h.must(h.s.Unmute(context.Background(), guard, gate.ID, ""))
		if l := loud(); l[alarms.Fault] != alarms.Loud || l[alarms.Tamper] != alarms.Loud {
			h.t.Errorf("%v", l)
		}
	})
}

func TestMuteNeedsAnEndWithinAWeekAndAReason(t *testing.T) {
	t.Parallel()
	inHouse(t, func(t *testing.T, h *house) {
		now := time.Now()
		for field, r := range map[string]alarms.MuteRequest{
			"until":  {Device: gate.ID, Until: now.Add(alarms.MaxMute + time.Second), Reason: "x"},
			"until ": {Device: gate.ID, Until: now, Reason: "x"},
			"reason": {Device: gate.ID, Until: now.Add(time.Hour), Reason: "  "},
			"type":   {Device: gate.ID, Type: "noise", Until: now.Add(time.Hour), Reason: "x"},
			"device": {Device: "none", Until: now.Add(time.Hour), Reason: "x"},
		} {
			_, err := h.s.Mute(context.Background(), guard, r)
			if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(field)) {
				t.Errorf("%s: %v", field, err)
			}
		}
		if err := h.s.Unmute(context.Background(), guard, gate.ID, ""); devices.CodeOf(err) != devices.NotFound {
			t.Errorf("unmute of nothing: %v", err)
		}
	})
}

func TestWhatStandsCannotBeResolvedAndWhatDoesNotCan(t *testing.T) {
	t.Parallel()
	inHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		h.reports(gate, func(s *devices.State) { s.Fault = "E7" })
		a := h.only()
		if _, err := h.s.Resolve(ctx, guard, a.ID, "done"); devices.CodeOf(err) != devices.Conflict {
			t.Errorf("resolved while it stands: %v", err)
		}
		if _, err := h.s.Resolve(ctx, guard, a.ID, " "); devices.CodeOf(err) != devices.Invalid {
			t.Errorf("resolved without a word: %v", err)
		}
		h.away(gate, "power") // whether it stands is not known any more
		h.settle()
		end, err := h.s.Resolve(ctx, guard, a.ID, "电机已换")
		h.must(err)
		if end.State() != alarms.Resolved || end.ResolvedBy.Name != guard.Name {
			t.Errorf("in the end %+v", end)
		}
		if _, err := h.s.Acknowledge(ctx, guard, a.ID, ""); devices.CodeOf(err) != devices.Conflict {
			t.Errorf("acknowledged after the end: %v", err)
		}
		_, err = h.s.Comment(ctx, guard, a.ID, "发票 17")
		h.must(err)
		if _, whats := h.now(a.ID); whats[len(whats)-1] != alarms.WasCommented {
			t.Errorf("history is %v", whats)
		}
	})
}

func TestEveryActOfAPersonIsAudited(t *testing.T) {
	t.Parallel()
	inHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		h.says(lane, "tailgating")
		a := h.only()
		_, err := h.s.Assign(ctx, guard, a.ID, alarms.Who{Kind: devices.ActorOperator, ID: "op-2", Name: "李"})
		h.must(err)
		_, err = h.s.Comment(ctx, guard, a.ID, "看过录像")
		h.must(err)
		_, err = h.s.Acknowledge(ctx, guard, a.ID, "")
		h.must(err)
		_, err = h.s.Mute(ctx, guard, alarms.MuteRequest{Device: lane.ID, Until: time.Now().Add(time.Hour), Reason: "x"})
		h.must(err)
		h.must(h.s.Unmute(ctx, guard, lane.ID, ""))
		rows, err := h.memory.Audit(ctx, 0, 0)
		h.must(err)
		var verbs []string
		for _, r := range rows {
			if r.Actor == guard {
				verbs = append([]string{r.Verb}, verbs...)
			}
		}
		if want := []string{"alarm.assign", "alarm.comment", "alarm.acknowledge", "alarm.mute", "alarm.unmute"}; !slices.Equal(verbs, want) {
			t.Errorf("audited are %v", verbs)
		}
	})
}

func TestOtherContentUnderTheSameIDIsOneAlarm(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.keeps(gate, devices.OtherContent, "a")
		h.keeps(gate, devices.OtherContent, "a") // the same bytes: a device that saw no acknowledgement
		h.is(h.only(), alarms.OtherContent, alarms.Over, 1, alarms.Loud)
		h.keeps(gate, devices.OtherContent, "b")
		h.is(h.only(), alarms.OtherContent, alarms.Over, 2, alarms.Loud)
	})
}

func TestRetiredDevicesConditionsAreOver(t *testing.T) {
	t.Parallel()
	inHouse(t, func(_ *testing.T, h *house) {
		h.reports(gate, func(s *devices.State) { s.Fault = "E7" })
		moved := gate
		moved.Zone = "z2"
		h.news.Device(devices.Live{Device: moved, Link: presence.Link{Status: presence.Online, Since: time.Now()}, State: devices.State{Fault: "E7", ReportedAt: time.Now()}})
		h.news.DeviceGone(devices.Live{Device: gate}) // it moved
		h.is(h.only(), alarms.Fault, alarms.Raised, 1, alarms.Loud)
		h.news.DeviceGone(devices.Live{Device: moved})
		h.is(h.only(), alarms.Fault, alarms.Over, 1, alarms.Loud)
	})
}

// Whatever fails, before the commit or after it, and whenever the program ends, each
// cause is counted once.
func TestNothingIsLostOrDoubledThroughFailuresAndRestarts(t *testing.T) {
	t.Parallel()
	seed := uint64(prove.Seed(t))
	inHouse(t, func(t *testing.T, h *house) {
		random := rand.New(rand.NewPCG(seed, 1))
		types := []string{wire.EventTailgating, wire.EventClimb, wire.EventTimeout}
		n := prove.Size(200, 5000)
		want := map[string]int64{}
		for range n {
			typ := types[random.IntN(len(types))]
			h.says(lane, typ)
			want[typ]++
			switch random.IntN(12) {
			case 0:
				h.store.refuse(true, false)
			case 1:
				h.store.refuse(false, true)
			case 2, 3:
				h.store.refuse(false, false)
			case 4:
				h.stop()
				h.start()
			case 5:
				time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond)
			}
		}
		h.store.refuse(false, false)
		h.stop()
		h.start()
		time.Sleep(time.Minute)
		synctest.Wait()
		got := map[string]int64{}
		for _, a := range h.s.Open() {
			got[string(a.Type)] += a.Count
		}
		for typ, count := range want {
			if got[typ] != count {
				t.Errorf("%s: %d counted of %d", typ, got[typ], count)
			}
		}
	})
}
