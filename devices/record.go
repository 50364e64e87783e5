package devices

import (
	"context"
	"time"
)

const (
	// recordWait is how long an order waits for its row, from the moment it was asked
	// for: then it is sent, and its row and its audit entry follow. A disk that stands
	// still must not keep people before a gate.
	recordWait = 150 * time.Millisecond
	// lookAfter is when the store is asked aside whether it knows the key of an order
	// whose row is not there yet: reading may be possible while writing is not.
	lookAfter = 100 * time.Millisecond
	// recordAgain is the first pause after a store that could not record, and
	// recordPause the longest: what waits is to be among the first when it can.
	recordAgain = 50 * time.Millisecond
	recordPause = 500 * time.Millisecond
	// mostPending is how many commands may wait for their rows in memory. One takes
	// about a kilobyte; after that orders are refused.
	mostPending = 10_000
	// lastWords is how long a stop of the server waits for rows that are still missing.
	lastWords = 3 * time.Second
)

// RecordStore is what records commands. See Store for what all its methods promise.
type RecordStore interface {
	// AddCommand stores a new command, whose Seq its maker chose, with its audit entry,
	// and gives it Revision. If the device already has a command with this key it
	// changes nothing and returns that one with existed true.
	AddCommand(ctx context.Context, c Command, a AuditEntry) (stored Command, existed bool, err error)
	// CommandByKey gives the command of a device with this key, or NotFound. It does
	// not wait for writes.
	CommandByKey(ctx context.Context, d DeviceID, key string) (Command, error)
	// CommandSeqs gives the greatest Seq that any command of each device ever had.
	CommandSeqs(ctx context.Context) (map[DeviceID]int64, error)
	// CommandKeys gives the keys of the newest commands, those that were issued since
	// a time, at most limit.
	CommandKeys(ctx context.Context, since time.Time, limit int) ([]CommandKey, error)
}

// CommandKey is the key that a command of a device was made with.
type CommandKey struct {
	Device DeviceID
	Key    string
	ID     CommandID
}

// recording is the row of a command on its way to the store.
type recording struct {
	entry    AuditEntry
	over     chan recorded // takes one answer without waiting
	withdraw context.CancelFunc
}

// recorded is what the store said.
type recorded struct {
	stored  Command
	existed bool
	err     error
}

// startRecord has a command recorded, after a pause. It goes on until the store
// has taken or refused it, it is withdrawn, or the last words are over. The caller
// is inside the group.
func (c *Control) startRecord(cmd Command, entry AuditEntry, pause time.Duration) *recording {
	ctx, withdraw := context.WithCancel(c.group.lasting)
	r := &recording{entry: entry, over: make(chan recorded, 1), withdraw: withdraw}
	c.group.wg.Add(1)
	go func() {
		defer c.group.leave()
		defer withdraw()
		if !wait(ctx, pause) {
			r.over <- recorded{err: stopping("command.record")}
			return
		}
		r.over <- c.record(ctx, cmd, entry)
	}()
	return r
}

// record tries until the store has an answer. Only Unavailable is none: the disk is
// full, or slow, and may be well again; any other error would come again.
func (c *Control) record(ctx context.Context, cmd Command, entry AuditEntry) recorded {
	for pause := recordAgain; ; pause = min(2*pause, recordPause) {
		stored, existed, err := c.d.Store.AddCommand(ctx, cmd, entry)
		if CodeOf(err) != Unavailable {
			return recorded{stored, existed && stored.ID != cmd.ID, err}
		}
		if pause == recordAgain {
			c.d.Log.Error("cannot record a command; trying again", "command", cmd.ID, "device", cmd.Device, "err", err)
		}
		if !wait(ctx, pause) {
			return recorded{err: err}
		}
	}
}

// wait is false if ctx ended first.
func wait(ctx context.Context, pause time.Duration) bool {
	if pause <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// await gives what the store says of a new command until recordWait after it was
// asked for; answered is false if it says nothing until then.
func (c *Control) await(cmd Command, r *recording, asked time.Time) (out recorded, answered bool) {
	waited := c.d.Now().Sub(asked)
	look, send := time.NewTimer(lookAfter-waited), time.NewTimer(recordWait-waited)
	defer look.Stop()
	defer send.Stop()
	var found chan recorded
	for {
		select {
		case out := <-r.over:
			return out, true
		case <-c.group.life.Done():
			r.withdraw()
			return <-r.over, true
		case <-look.C:
			found = c.lookForKey(cmd)
		case out := <-found:
			return out, true
		case <-send.C:
			return recorded{}, false
		}
	}
}

// lookForKey asks the store whether it knows the key of a command. It says nothing
// if the store does not know it, or does not answer in time.
func (c *Control) lookForKey(cmd Command) chan recorded {
	found := make(chan recorded, 1)
	c.group.start(func() {
		ctx, cancel := context.WithTimeout(c.group.life, recordWait-lookAfter)
		defer cancel()
		if stored, err := c.d.Store.CommandByKey(ctx, cmd.Device, cmd.Key); err == nil {
			found <- recorded{stored: stored, existed: stored.ID != cmd.ID}
		}
	})
	return found
}
