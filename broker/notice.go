package broker

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// noticesPerMinute is how many notices are written in a minute. Strangers cause
// them, so their number is not ours to know.
const noticesPerMinute = 60

// notices logs what clients did wrong, and does not let them flood the log: what
// is above the limit is counted, and the count is logged when the minute is over.
// Every such thing is in Stats, too.
type notices struct {
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex // guards what follows
	minute time.Time  // begin of the present minute
	said   int
	unsaid int
}

// say logs a notice, or counts it.
func (n *notices) say(text string, args ...any) { n.note(slog.LevelInfo, text, args) }

// warn is say for what somebody should do something about.
func (n *notices) warn(text string, args ...any) { n.note(slog.LevelWarn, text, args) }

func (n *notices) note(level slog.Level, text string, args []any) {
	unsaid, ok := n.admit()
	if unsaid > 0 {
		n.log.Warn("more notices of the last minute were not logged", "count", unsaid)
	}
	if ok {
		n.log.Log(context.Background(), level, text, args...)
	}
}

// admit takes a place in the present minute; unsaid is what found none in the one
// before, told once.
func (n *notices) admit() (unsaid int, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := n.now(); now.Sub(n.minute) >= time.Minute || now.Before(n.minute) {
		unsaid = n.unsaid
		n.minute, n.said, n.unsaid = now, 0, 0
	}
	if n.said >= noticesPerMinute {
		n.unsaid++
		return unsaid, false
	}
	n.said++
	return unsaid, true
}
