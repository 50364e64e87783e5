package broker

import (
	"errors"
	"fmt"
	"runtime/debug"

	"gatehouse/broker/topic"
)

// handler is one Handler with the topics that are its.
type handler struct {
	filter  string
	handler Handler
	glance  func(Sender, Incoming) // nil: it does not glance
}

// handlerFor gives the handler of a topic, or nil. Handlers do not change once the
// broker serves.
func (b *Broker) handlerFor(name string) *handler {
	for _, h := range b.handlers {
		if topic.Match(h.filter, name) {
			return h
		}
	}
	return nil
}

// errNoAnswer is the answer that a handler did not give.
var errNoAnswer = errors.New("the handler gave no answer")

// offer calls a handler and says how many messages, from the first on, it took.
func (b *Broker) offer(h *handler, from Sender, batch []Incoming) (taken int, err error) {
	answers := b.ask(h, from, batch)
	for i := range batch {
		if i >= len(answers) {
			return i, errNoAnswer
		}
		if answers[i] != nil {
			return i, answers[i]
		}
	}
	return len(batch), nil
}

// glanced shows a message to a handler that glances; one that panics has seen nothing.
func (b *Broker) glanced(h *handler, from Sender, m Incoming) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("a handler panicked", "filter", h.filter, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	h.glance(from, m)
}

// ask calls a handler; one that panics has taken nothing.
func (b *Broker) ask(h *handler, from Sender, batch []Incoming) (answers []error) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("a handler panicked", "filter", h.filter, "panic", p, "stack", string(debug.Stack()))
			answers = []error{fmt.Errorf("handler panicked: %v", p)}
		}
	}()
	return h.handler.Handle(b.ctx, from, batch)
}
