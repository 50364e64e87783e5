package packet

import "testing"

// allocations is how many f makes each time.
func allocations(t *testing.T, f func() error) float64 {
	t.Helper()
	return testing.AllocsPerRun(100, func() {
		if err := f(); err != nil {
			t.Error(err)
		}
	})
}

// decoding gives a function that reads the one packet in frame into p.
func decoding(v Version, frame []byte, p interface {
	Decode(Version, Header, []byte) error
}) func() error {
	return func() error {
		h, size, err := Peek(frame, 1<<20)
		if err != nil {
			return err
		}
		return p.Decode(v, h, frame[size-h.Length:size])
	}
}

func TestPublishOfTheSameTopicIsReadAndWrittenWithoutAllocating(t *testing.T) {
	for _, v := range versions {
		for qos := range QoS(3) {
			p := Publish{QoS: qos, Topic: "gatehouse/v1/devices/s/d/state", Payload: make([]byte, 128)}
			if qos > 0 {
				p.ID = 7
			}
			frame, out := p.Append(nil, v), make([]byte, 0, 256)
			if n := allocations(t, decoding(v, frame, &p)); n != 0 {
				t.Errorf("%s, QoS %d: reading makes %v allocations", v, qos, n)
			}
			if n := allocations(t, func() error { out = p.Append(out[:0], v); return nil }); n != 0 {
				t.Errorf("%s, QoS %d: writing makes %v allocations", v, qos, n)
			}
		}
	}
}

func TestPublishOfAnotherTopicAllocatesTheTopicOnly(t *testing.T) {
	for _, v := range versions {
		var p Publish
		one := decoding(v, (&Publish{Topic: "gatehouse/v1/devices/s/1/state"}).Append(nil, v), &p)
		two := decoding(v, (&Publish{Topic: "gatehouse/v1/devices/s/2/state"}).Append(nil, v), &p)
		n := allocations(t, func() error {
			if err := one(); err != nil {
				return err
			}
			return two()
		})
		if n != 2 {
			t.Errorf("%s: %v allocations for two topics", v, n)
		}
	}
}

func TestAcknowledgementsAreReadAndWrittenWithoutAllocating(t *testing.T) {
	for _, v := range versions {
		for _, typ := range []Type{PUBACK, PUBREC, PUBREL, PUBCOMP} {
			a := Ack{Type: typ, ID: 7}
			frame, out := a.Append(nil, v), make([]byte, 0, 16)
			if n := allocations(t, decoding(v, frame, &a)); n != 0 {
				t.Errorf("%s, %s: reading makes %v allocations", v, typ, n)
			}
			if n := allocations(t, func() error { out = a.Append(out[:0], v); return nil }); n != 0 {
				t.Errorf("%s, %s: writing makes %v allocations", v, typ, n)
			}
		}
	}
}
