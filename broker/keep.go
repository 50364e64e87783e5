package broker

// What is stored of sessions and messages. The records are large, so they are
// made only where something is stored, and in functions of their own: one that
// is inlined makes the stack of its caller, and so of every connection, larger.

// stores says whether changes are stored at all.
func (t *turn) stores() bool { return t.b.commit.store != nil && t.b.commit.broken == nil }

func (t *turn) keepSession(s *session) {
	if t.stores() {
		s.stored = true
		t.putSession(s)
	}
}

// dropSession removes a stored session, and not the will that the client left: it
// is on its way.
func (t *turn) dropSession(s *session) {
	if !s.stored {
		return
	}
	s.stored = false
	t.change(DeleteSession{Client: s.client})
	if w := t.b.stored[s.client]; w != nil {
		t.putWill(w)
	}
}

// keepWill stores a will, under the client whose session may have ended.
func (t *turn) keepWill(w *will) {
	if t.stores() {
		t.b.stored[w.client] = w
		t.putWill(w)
	}
}

// dropWill removes the stored will of a client.
func (t *turn) dropWill(client ClientID) {
	if t.b.stored[client] != nil {
		delete(t.b.stored, client)
		t.change(DeleteWill{Client: client})
	}
}

func (t *turn) keepRetained(m *message) {
	if t.stores() && !m.volatile {
		t.putRetained(m)
	}
}

func (t *turn) dropRetained(m *message) {
	if t.stores() && !m.volatile {
		t.change(DeleteRetained{Topic: m.topic})
	}
}

// keepBody stores a message for the first queue entry that names it.
func (t *turn) keepBody(m *message) {
	if m.id == 0 {
		t.b.commit.lastMessage++
		m.id = t.b.commit.lastMessage
		t.putMessage(m)
	}
}

//go:noinline
func (t *turn) putSession(s *session) { t.change(PutSession{Session: s.record()}) }

//go:noinline
func (t *turn) putWill(w *will) { t.change(PutWill{Client: w.client, Will: w.record()}) }

//go:noinline
func (t *turn) putRetained(m *message) {
	t.change(PutRetained{Message: m.public(), By: m.from.record()})
}

//go:noinline
func (t *turn) putMessage(m *message) { t.change(PutMessage{ID: m.id, Message: m.public()}) }
