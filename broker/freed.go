package broker

// freed are the identifiers of QoS 2 messages of a session that have ended in memory. No
// other message is given one until that end is durable: after a crash the receiver is
// sent PUBREL for it once more, and would take that for the end of the next message
// (MQTT-4.3.3-1). One generation gathers while the one before it is being stored, so
// those of two are kept.
type freed struct {
	gen         uint64 // of now
	now, before map[uint16]bool
}

// add notes the end of a message, which is durable with a generation.
func (f *freed) add(id uint16, gen uint64) {
	if f.gen != gen {
		f.now, f.before = f.before, f.now
		clear(f.now)
		if f.gen+1 != gen {
			clear(f.before)
		}
		f.gen = gen
	}
	if f.now == nil {
		f.now = make(map[uint16]bool)
	}
	f.now[id] = true
}

// by is the generation with which an identifier can be given again; 0 for one that can
// be given now.
func (f *freed) by(id uint16) uint64 {
	switch {
	case f.now[id]:
		return f.gen
	case f.before[id]:
		return f.gen - 1
	}
	return 0
}

// withheld is whether an identifier cannot be given yet; the session is looked at again
// when it can.
func (t *turn) withheld(s *session, id uint16) bool {
	if t.durable(s.out.freed.by(id)) {
		return false
	}
	t.settled(s)
	return true
}
