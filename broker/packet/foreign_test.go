package packet

import (
	"bytes"
	"reflect"
	"testing"

	five "github.com/eclipse/paho.golang/packets"
	three "github.com/eclipse/paho.mqtt.golang/packets"
	"github.com/google/go-cmp/cmp"
)

// Another project's codec reads what this one writes, writes it again in its own
// way, and this one finds the same packet in it.
func TestForeignCodecUnderstandsEveryPacket(t *testing.T) {
	t.Parallel()
	for _, tt := range templates() {
		frame := tt.c.append(tt.v)
		if tt.v == V5 && bytes.Equal(frame, []byte{0xE0, 0}) {
			continue // legal, and beyond the foreign codec
		}
		want, _, err := read(tt.v, frame)
		if err != nil {
			t.Fatal(err)
		}
		echo, err := foreignEcho(tt.v, frame)
		if err != nil {
			t.Errorf("%s: % x: %v", tt.name, frame, err)
			continue
		}
		got, _, err := read(tt.v, echo)
		if err != nil {
			t.Errorf("%s: % x came back as % x: %v", tt.name, frame, echo, err)
			continue
		}
		forgetWhatTheForeignCodecLoses(want)
		forgetWhatTheForeignCodecLoses(got)
		if !reflect.DeepEqual(unwrap(got), unwrap(want)) {
			t.Errorf("%s: %s", tt.name, cmp.Diff(unwrap(want), unwrap(got)))
		}
	}
}

func foreignEcho(v Version, frame []byte) ([]byte, error) {
	var out bytes.Buffer
	if v == V5 {
		p, err := five.ReadPacket(bytes.NewReader(frame))
		if err != nil {
			return nil, err
		}
		_, err = p.WriteTo(&out)
		return out.Bytes(), err
	}
	p, err := three.ReadPacket(bytes.NewReader(frame))
	if err != nil {
		return nil, err
	}
	err = p.Write(&out)
	return out.Bytes(), err
}

// forgetWhatTheForeignCodecLoses drops all subscription identifiers but the last,
// empty binary data, and most properties of a will.
func forgetWhatTheForeignCodecLoses(c codec) {
	var p *Properties
	switch c := unwrap(c).(type) {
	case *Connect:
		p = &c.Properties
		if c.Will != nil {
			c.Will.Properties = Properties{User: c.Will.Properties.User}
		}
	case *Connack:
		p = &c.Properties
	case *Publish:
		p = &c.Properties
	case *Auth:
		p = &c.Properties
	default:
		return
	}
	if n := len(p.SubscriptionIDs); n > 1 {
		p.SubscriptionIDs = p.SubscriptionIDs[n-1:]
	}
	if len(p.CorrelationData) == 0 {
		p.CorrelationData = nil
	}
	if len(p.AuthData) == 0 {
		p.AuthData = nil
	}
}
