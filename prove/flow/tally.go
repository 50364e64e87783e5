package flow

import (
	"fmt"
	"strconv"
	"strings"
)

// End is the payload that is published when nothing else will be: queues have
// an order, so whoever reads it has everything that came before.
const End = "end"

// Tally compares what came with what was acknowledged.
type Tally struct {
	Acknowledged, Came           int
	Lost, Doubled, Out, Invented int
}

// String is for people.
func (a Tally) String() string {
	return fmt.Sprintf("%d acknowledged, %d lost, %d doubled, %d out of order, %d never sent", a.Acknowledged, a.Lost, a.Doubled, a.Out, a.Invented)
}

// Plus adds two tallies.
func (a Tally) Plus(b Tally) Tally {
	return Tally{a.Acknowledged + b.Acknowledged, a.Came + b.Came, a.Lost + b.Lost, a.Doubled + b.Doubled, a.Out + b.Out, a.Invented + b.Invented}
}

// Compare tallies: acked are the numbers that were acknowledged, got those that
// came, in order; numbers from 0 to begun were sent at all.
func Compare(acked map[int]bool, got []int, begun int) Tally {
	a := Tally{Acknowledged: len(acked), Came: len(got)}
	seen, last := map[int]bool{}, -1
	for _, n := range got {
		switch {
		case n < 0 || n >= begun:
			a.Invented++
		case seen[n]:
			a.Doubled++
		case n < last:
			a.Out++
		}
		seen[n] = true
		last = max(last, n)
	}
	for n := range acked {
		if !seen[n] {
			a.Lost++
		}
	}
	return a
}

// Number is that of a message; behind it a payload may have a space and any
// number of x, and nothing else.
func Number(payload []byte) int {
	digits, rest, _ := strings.Cut(string(payload), " ")
	n, err := strconv.Atoi(digits)
	if err != nil || strings.Trim(rest, "x") != "" {
		return -1
	}
	return n
}
