package devices

import (
	"context"
	"time"
)

// Link carries commands to live devices. It has no queue: a command for a device
// without a live connection is refused at once.
type Link interface {
	// Give hands a command to the device's live connection and reports what
	// becomes of it, in order, from any goroutine, never after Ended. It returns
	// an error, and never calls report, if the device has no live connection.
	// recall takes it back, and is true if no byte of it left or will leave the
	// process; it does not block.
	Give(ctx context.Context, to Device, payload []byte, id CommandID, deadline time.Time, report func(LinkReport)) (recall func() bool, err error)
}

// LinkReport is one step of a command on its way.
type LinkReport struct {
	Step  LinkStep
	At    time.Time
	Cause string // with LinkEnded: why the connection ended, or LinkExpired
	// Wire is true with LinkEnded if the command may have left the process.
	Wire bool
}

// LinkStep is a step of a LinkReport.
type LinkStep byte

// The steps of a command on its way.
const (
	LinkWritten      LinkStep = iota + 1 // given to the operating system
	LinkAcknowledged                     // the device's PUBACK
	LinkEnded                            // the connection ended, or the deadline passed unwritten
)

// Keys gives the key that signs a device's commands: 32 bytes.
type Keys interface {
	CommandKey(ctx context.Context, d DeviceID) ([]byte, error)
}

// The Causes of LinkEnded that are no end of a connection.
const (
	LinkExpired  = "expired"  // the deadline passed unwritten
	LinkRecalled = "recalled" // it was taken back
)
