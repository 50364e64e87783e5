package sim

import "time"

// travel is how long a leaf takes from one end to the other.
const travel = 1200 * time.Millisecond

// The physical states.
const (
	isOpen    = "open"
	isOpening = "opening"
	isClosed  = "closed"
	isClosing = "closing"
	isStopped = "stopped"
)

// leaf is a boom, a sliding gate or the arm of a turnstile. It belongs to the
// goroutine of its device's Run.
type leaf struct {
	d        *Device
	physical string
	position float64   // 0 closed, 1 open, when the present movement began
	began    time.Time // of it
	serial   int       // counts movements: the timer of an older one finds another number
	arrived  func()    // called at each end, after the report
}

func (l *leaf) moving() bool { return l.physical == isOpening || l.physical == isClosing }

// where is the position now.
func (l *leaf) where() float64 {
	done := float64(time.Since(l.began)) * l.d.speed / float64(travel)
	switch l.physical {
	case isOpening:
		return min(1, l.position+done)
	case isClosing:
		return max(0, l.position-done)
	default:
		return l.position
	}
}

// move sets off, from wherever the leaf is, for open or closed. It reports
// nothing: whoever moves it does.
func (l *leaf) move(open bool) {
	l.position, l.began = l.where(), time.Now()
	l.serial++
	way, physical, end := l.position, isClosing, isClosed
	if open {
		way, physical, end = 1-l.position, isOpening, isOpen
	}
	l.physical = physical
	l.later(time.Duration(way*float64(travel)), func() {
		l.position, l.physical = 0, end
		if open {
			l.position = 1
		} else {
			l.d.troubles.shut()
		}
		l.d.sendState()
		l.arrived()
	})
}

// halt stops it where it is.
func (l *leaf) halt() {
	l.position = l.where()
	l.serial++
	l.physical = isStopped
}

// later does f after t unless the leaf has moved until then.
func (l *leaf) later(t time.Duration, f func()) {
	serial := l.serial
	l.d.after(t, func() {
		if l.serial == serial {
			f()
		}
	})
}
