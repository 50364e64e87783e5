package command_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gatehouse/devices/command"
)

var all = []command.Step{
	command.Accepted, command.Sent, command.Delivered, command.Done, command.Confirmed,
	command.DidNotMove, command.Refused, command.Failed, command.Expired, command.Uncertain,
}

func climb(steps ...command.Step) command.Ladder {
	var l command.Ladder
	for i, s := range steps {
		l, _ = command.Record(l, command.Rung{Step: s, At: time.Unix(int64(i), 0).UTC()})
	}
	return l
}

func TestTheFurthestStepIsShown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		steps []command.Step
		shown command.Step
		ended bool
	}{
		{nil, "", false},
		{[]command.Step{command.Accepted}, command.Accepted, false},
		{[]command.Step{command.Accepted, command.Sent, command.Delivered}, command.Delivered, false},
		{[]command.Step{command.Accepted, command.Delivered, command.Sent}, command.Delivered, false},
		{[]command.Step{command.Accepted, command.Done, command.Delivered, command.Sent}, command.Done, false},
		{[]command.Step{command.Accepted, command.Confirmed, command.Done, command.Sent}, command.Confirmed, true},
		{[]command.Step{command.Accepted, command.Sent, command.Refused, command.Delivered}, command.Refused, true},
		{[]command.Step{command.Accepted, command.Failed}, command.Failed, true},
		{[]command.Step{command.Accepted, command.Expired}, command.Expired, true},
		{[]command.Step{command.Accepted, command.Sent, command.Done, command.DidNotMove, command.Confirmed}, command.DidNotMove, true},
		{[]command.Step{command.Accepted, command.Sent, command.Uncertain, command.Done, command.Confirmed}, command.Uncertain, true},
		{[]command.Step{command.Accepted, command.Sent, command.Done, command.Failed}, command.Done, false},
	} {
		l := climb(test.steps...)
		if s, e := command.Shown(l), command.Ended(l); s != test.shown || e != test.ended {
			t.Errorf("%v shows %q, ended %v; want %q, %v", test.steps, s, e, test.shown, test.ended)
		}
	}
}

func TestAStepIsRecordedOnceWithItsFirstTime(t *testing.T) {
	t.Parallel()
	l := climb(command.Accepted, command.Sent)
	again, changed := command.Record(l, command.Rung{Step: command.Sent, At: time.Unix(99, 0), Detail: "again"})
	if changed || !slices.Equal(again.Rungs, l.Rungs) {
		t.Errorf("a repetition made %+v", again)
	}
	if unknown, changed := command.Record(l, command.Rung{Step: "flown"}); changed || len(unknown.Rungs) != 2 {
		t.Errorf("an unknown step made %+v", unknown)
	}
}

func TestRecordNeverModifiesTheGivenLadder(t *testing.T) {
	t.Parallel()
	l := climb(command.Accepted)
	a, _ := command.Record(l, command.Rung{Step: command.Sent})
	b, _ := command.Record(l, command.Rung{Step: command.Failed})
	if command.Shown(l) != command.Accepted || command.Shown(a) != command.Sent || command.Shown(b) != command.Failed {
		t.Errorf("the ladders are %+v, %+v, %+v", l, a, b)
	}
}

// TestLadderFollowsTheModel compares every random climb with the rules, written
// in another way: a set of what is known, and one remembered end.
func TestLadderFollowsTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var l command.Ladder
		known := map[command.Step]bool{}
		var end command.Step
		var before []command.Step
		for _, s := range rapid.SliceOfN(rapid.SampledFrom(all), 0, 20).Draw(t, "steps") {
			var changed bool
			l, changed = command.Record(l, command.Rung{Step: s})
			if changed == known[s] {
				t.Fatalf("recording %s: changed %v, known %v", s, changed, known[s])
			}
			if end == "" && !known[s] {
				end = endBy(s, known)
			}
			known[s] = true
			if got, want := command.Shown(l), expected(end, known); got != want {
				t.Fatalf("%+v shows %s, want %s", l.Rungs, got, want)
			}
			if command.Ended(l) != (end != "") {
				t.Fatalf("%+v: ended %v, the end is %q", l.Rungs, command.Ended(l), end)
			}
			if shown := command.Shown(l); len(before) > 0 && place(shown) < place(before[len(before)-1]) {
				t.Fatalf("%+v went back from %s to %s", l.Rungs, before[len(before)-1], shown)
			}
			before = append(before, command.Shown(l))
		}
		if len(l.Rungs) != len(known) {
			t.Fatalf("%d rungs of %d steps", len(l.Rungs), len(known))
		}
	})
}

// endBy is the end that a new step makes of a ladder that has not ended.
func endBy(s command.Step, known map[command.Step]bool) command.Step {
	switch s {
	case command.Confirmed, command.DidNotMove, command.Uncertain:
		return s
	case command.Refused, command.Failed, command.Expired:
		if !known[command.Done] {
			return s
		}
	}
	return ""
}

func expected(end command.Step, known map[command.Step]bool) command.Step {
	if end != "" {
		return end
	}
	for _, s := range []command.Step{command.Done, command.Delivered, command.Sent, command.Accepted} {
		if known[s] {
			return s
		}
	}
	return ""
}

// place orders the steps for "nothing goes back".
func place(s command.Step) int {
	switch s {
	case command.Accepted:
		return 1
	case command.Sent:
		return 2
	case command.Delivered:
		return 3
	case command.Done:
		return 4
	}
	return 5
}
