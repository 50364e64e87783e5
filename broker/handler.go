package broker

import (
	"context"
	"time"
)

// Sender is the client whose messages a Handler is given.
type Sender struct {
	Client   ClientID
	Identity string
	Epoch    uint64
}

// Incoming is one message for a Handler.
type Incoming struct {
	Message
	Arrived time.Time
	// Dup is true if the client marked it as a repetition.
	Dup bool
}

// Handler takes messages into the embedding program.
//
// A handler is given a batch of messages of one connection, in their order, and
// answers for each one: answers[i] == nil means "I own batch[i] durably now".
// PUBACK and PUBREC leave only after that. Any error is temporary: the
// acknowledgement is withheld, the broker offers that message and all that
// follow it in the batch again with back-off, and the connection stays.
// Messages after the first error are treated as not taken, whatever their answer:
// handlers must be idempotent. A message that can never be taken must be put
// away (quarantined) and answered with nil, so that it never blocks its device.
//
// Each handler has a bounded lane per client, with at most one call at a time
// in it: the connection's reader never waits for a handler, and lanes do not wait
// for each other. ctx ends when the broker stops; a handler that is cut off
// returns errors, and its messages come again from their client.
//
// A message belongs to at most one handler. Subscribers receive it after the
// handler has taken it.
type Handler interface {
	Handle(ctx context.Context, from Sender, batch []Incoming) (answers []error)
}

// Glancer is a Handler that sees each message as soon as it has arrived, before those
// ahead of it in its lane are taken: what must not wait for them can begin. It is seen
// once for each arrival, of which there may be several, and owns nothing: the message
// comes to Handle in its turn all the same. Glance must not block, nor call the broker.
type Glancer interface {
	Handler
	Glance(from Sender, m Incoming)
}

// HandlerFunc is a function that is a Handler.
type HandlerFunc func(ctx context.Context, from Sender, batch []Incoming) []error

// Handle implements Handler.
func (f HandlerFunc) Handle(ctx context.Context, from Sender, batch []Incoming) []error {
	return f(ctx, from, batch)
}
