package broker

// queued is what waits or is in flight for all sessions. It belongs to the turn.
type queued struct {
	messages int      // entries of queues
	bytes    int      // of the messages, each once
	moves    *message // leaves one queue for another
}

// refuses says why there is no room for a message in one more queue; 0 if there
// is.
func (q *queued) refuses(m *message, l *Limits) counter {
	messages, bytes := q.messages, q.bytes
	if q.moves != nil {
		messages--
		if q.moves.queues == 1 {
			bytes -= q.moves.size()
		}
	}
	if messages >= l.MaxQueuedAll || m.queues == 0 && bytes+m.size() > l.MaxQueuedAllBytes {
		return droppedAll
	}
	return 0
}

func (q *queued) add(m *message) {
	q.messages++
	if m.queues++; m.queues == 1 {
		q.bytes += m.size()
	}
}

func (q *queued) remove(m *message) {
	q.messages--
	if m.queues--; m.queues == 0 {
		q.bytes -= m.size()
	}
}

// removeAll removes what a session that has ended leaves.
func (q *queued) removeAll(o *outgoing) {
	for _, e := range o.waiting.all() {
		q.remove(e.m)
	}
	for _, e := range o.open {
		if e.letter == nil {
			q.remove(e.m)
		}
	}
}
