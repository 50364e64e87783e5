package presence

import (
	"math"
	"time"
)

// The damping of links that come and go, after RFC 2439 (which damps routes): each
// drop costs one, and what was paid halves with time. The numbers are ours: any five
// drops within 45 s are flapping, and two to six quiet minutes end it.
const (
	FlapsFrom  = 4.0             // penalty from which a link flaps
	flapsUntil = 1.0             // penalty at which it is calm again
	flapsMost  = 8.0             // the penalty rises no further, so that calm comes in three half-lives at most
	flapsHalf  = 2 * time.Minute // the time in which the penalty halves
)

// Flaps is how much a link came and went lately.
type Flaps struct {
	Penalty float64
	At      time.Time // when Penalty was that
}

// Drop adds the end of a connection.
func (f Flaps) Drop(at time.Time) Flaps {
	return Flaps{Penalty: min(f.now(at)+1, flapsMost), At: at}
}

// now is the penalty at a time. A clock that was set back makes nothing of it larger.
func (f Flaps) now(at time.Time) float64 {
	age := max(0, at.Sub(f.At))
	return f.Penalty * math.Exp2(-float64(age)/float64(flapsHalf))
}

// CalmAt is when the penalty will be small enough, if nothing happens.
func (f Flaps) CalmAt() time.Time {
	if f.Penalty <= flapsUntil {
		return f.At
	}
	return f.At.Add(time.Duration(math.Log2(f.Penalty/flapsUntil) * float64(flapsHalf)))
}
