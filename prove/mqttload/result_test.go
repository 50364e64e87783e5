package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestPercentilesAreValuesThatWereMeasured(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for k := range 100 {
		hundred = append(hundred, time.Duration(k+1))
	}
	for _, c := range []struct {
		values  []time.Duration
		percent int
		want    time.Duration
	}{{hundred, 50, 50}, {hundred, 99, 99}, {hundred[:1], 99, 1}, {hundred[:3], 50, 2}} {
		if got := percentile(c.values, c.percent); got != c.want {
			t.Errorf("%d of %d values: %d, want %d", c.percent, len(c.values), got, c.want)
		}
	}
}

func TestAResultIsOneLineForProgramsAndHidesNoMistake(t *testing.T) {
	t.Parallel()
	var machine, people bytes.Buffer
	r := result{Mode: "flow", Unit: "message", Wanted: 10, Received: 9, Lost: 1, Doubled: 2, Disordered: 3}
	r.print(&machine, &people)
	if strings.Count(machine.String(), "\n") != 1 || !strings.Contains(people.String(), "lost 1, doubled 2, out of order 3") {
		t.Errorf("%s%s", machine.String(), people.String())
	}
	var back result
	if err := json.Unmarshal(machine.Bytes(), &back); err != nil || back != r {
		t.Errorf("%+v, %v", back, err)
	}
	for _, name := range []string{"lost", "doubled", "disordered"} { // even when they are 0
		var empty bytes.Buffer
		(&result{}).print(&empty, &people)
		if !strings.Contains(empty.String(), `"`+name+`":0`) {
			t.Errorf("%s is not in %s", name, empty.String())
		}
	}
}

func TestProcessorTimeIsReadWhateverTheProgramIsCalled(t *testing.T) {
	t.Parallel()
	line := "1 (a) b (c) S 1 1 1 0 -1 0 0 0 0 0 12 34 5 6 20 0 1 0 1 2 3"
	got, err := parseStat([]byte(line))
	if err != nil || got != 460*time.Millisecond {
		t.Errorf("%v, %v; want 460 ms", got, err)
	}
	if _, err := parseStat([]byte("1 (a) S 1")); err == nil {
		t.Error("half a line was read")
	}
}
