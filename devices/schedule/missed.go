package schedule

import (
	"fmt"
	"time"
)

const (
	// ownRows is how many of the newest missed due times get a row of their own;
	// older ones share one.
	ownRows = 50
	// countTo is how far missed due times are counted one by one.
	countTo = 1000
)

// missed are the due times after an instant up to another: the newest ones
// singly, and all older ones as one block.
type missed struct {
	block  *block
	single []time.Time
}

// block is a run of due times that share one row.
type block struct {
	first, last time.Time
	n           int
	more        bool // there are more than n
}

func (b block) String() string {
	more := ""
	if b.more {
		more = "more than "
	}
	return fmt.Sprintf("%s%d due times from %s to %s", more, b.n, b.first.Format(time.RFC3339), b.last.Format(time.RFC3339))
}

// missed finds the due times in (after, to] that count. Its work is bounded, whatever the
// rule and however long the span.
func (d dated) missed(after, to time.Time) missed {
	var all []time.Time
	for t := d.by(after, to); !t.IsZero(); t = d.by(t, to) {
		if all = append(all, t); len(all) == countTo {
			break
		}
	}
	if len(all) < countTo || d.failed() {
		return split(all, len(all)-ownRows, false)
	}
	tail := d.newest(all[0], to)
	if len(tail) <= ownRows { // the calendar failed, and so does whoever asks
		return missed{}
	}
	m := split(tail, len(tail)-ownRows, true)
	m.block.first, m.block.n = all[0], countTo-ownRows
	return m
}

func split(times []time.Time, old int, more bool) missed {
	if old <= 0 {
		return missed{single: times}
	}
	return missed{
		block:  &block{first: times[0], last: times[old-1], n: old, more: more},
		single: times[old:],
	}
}

// newest gives at least the last ownRows+1 due times in [first, to], of which
// there are at least countTo: it looks back over ever longer spans.
func (d dated) newest(first, to time.Time) []time.Time {
	for span := time.Hour; ; span *= 2 {
		from := to.Add(-span)
		if from.Before(first) {
			from = first.Add(-time.Nanosecond)
		}
		var times []time.Time
		for t := d.by(from, to); !t.IsZero(); t = d.by(t, to) {
			times = append(times, t)
		}
		if len(times) > ownRows || from.Before(first) || d.failed() {
			return times
		}
	}
}
