package broker

import (
	"sync"
	"time"

	"gatehouse/broker/packet"
)

// letter is one message of Send on its way: it reports what becomes of it, in
// order and to the end. It is encoded when it is taken to be written, and not
// taken after its end.
type letter struct {
	sending sending
	version packet.Version
	now     func() time.Time
	report  func(Delivery)
	reports *reports

	mu    sync.Mutex // under it only reports' own lock is taken
	state letterState
	acked *packet.ReasonCode // came before the writer said that it had written
	cause Cause              // the end, which came while the letter was being written
}

type letterState byte

const (
	letterWaits   letterState = iota // nobody took it yet
	letterTaken                      // somebody is writing it
	letterWritten                    // given to the operating system
	letterOver                       // the last step was reported
)

// take gives the bytes to write, or nil if the letter is not to be written any
// more.
func (l *letter) take() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != letterWaits || l.sending.m.expired(l.now) {
		return nil // its end is reported by whoever waits for it
	}
	l.state = letterTaken
	return l.sending.append(nil, l.version, l.now)
}

// resolve says whether a letter that was taken is wholly written. The nil letter
// stands for other bytes.
func (l *letter) resolve(written bool) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != letterTaken {
		return
	}
	if written {
		l.state = letterWritten
		l.say(Delivery{Step: Written})
		if l.sending.qos == 0 {
			l.state = letterOver
		}
	}
	switch {
	case l.state == letterOver:
	case l.acked != nil:
		l.over(Delivery{Step: Acknowledged, Reason: *l.acked})
	case l.cause != "":
		l.over(Delivery{Step: Ended, Cause: l.cause})
	case !written:
		l.over(Delivery{Step: Ended, Cause: CauseLost})
	}
}

// acknowledge reports the receiver's PUBACK, which may be read before the writer
// comes to say that it has written. False: nobody has taken the letter yet, so it
// answers something else.
func (l *letter) acknowledge(r packet.ReasonCode) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.state {
	case letterWaits:
		return false
	case letterTaken:
		l.acked = &r
	case letterWritten:
		l.over(Delivery{Step: Acknowledged, Reason: r})
	}
	return true
}

// end reports the end. While the letter is being written that waits for the
// writer: "ended" without "written" means that it never left.
func (l *letter) end(cause Cause) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.state {
	case letterTaken:
		l.cause = cause
	case letterWaits, letterWritten:
		l.over(Delivery{Step: Ended, Cause: cause})
	}
}

// withdraw ends a letter that nobody took; false if somebody did.
func (l *letter) withdraw(cause Cause) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != letterWaits {
		return false
	}
	l.over(Delivery{Step: Ended, Cause: cause})
	return true
}

func (l *letter) over(d Delivery) {
	l.state = letterOver
	l.say(d)
}

func (l *letter) say(d Delivery) {
	d.At = l.now()
	f := l.report
	l.reports.put(func() { f(d) })
}
