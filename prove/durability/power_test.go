package durability

import (
	"testing"

	"gatehouse/prove"
)

// powerCut is the disaster that leaves what is on the disk and nothing else.
func powerCut(d *disk, l launch) disaster {
	return func(t *testing.T, s *server) *server {
		t.Helper()
		freeze(t, s)
		after := d.copied(t)
		s.Kill()
		*d = after
		next := d.launch(t)
		next.planted, next.env = l.planted, l.env
		return run(t, next)
	}
}

func TestAcknowledgedMessagesSurviveAPowerCut(t *testing.T) {
	t.Parallel()
	var d disk
	begin := func(t *testing.T) *server {
		d = newDisk(t, 128)
		return run(t, d.launch(t))
	}
	survives(t, "acknowledged QoS 1 messages for an absent subscriber survive a power cut", prove.Size(2, 20), begin, powerCut(&d, launch{}), fast)
}
