package durability

import (
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/served"
)

// powerCut is the disaster that leaves what is on the disk and nothing else.
func powerCut(d *served.Disk, l launch) disaster {
	return func(t *testing.T, s *server) *server {
		t.Helper()
		s.Freeze(t)
		after := d.Copied(t)
		s.Kill()
		*d = after
		next := onDisk(t, *d)
		next.planted, next.env = l.planted, l.env
		return run(t, next)
	}
}

func TestAcknowledgedMessagesSurviveAPowerCut(t *testing.T) {
	t.Parallel()
	var d served.Disk
	begin := func(t *testing.T) *server {
		d = served.NewDisk(t, 128)
		return run(t, onDisk(t, d))
	}
	survives(t, "acknowledged QoS 1 messages for an absent subscriber survive a power cut", prove.Size(2, 20), begin, powerCut(&d, launch{}), fast)
}
