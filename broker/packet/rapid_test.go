package packet

import (
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Random messages, larger and odder than the table's.
func TestRandomPublishSurvivesTheWire(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(versions).Draw(t, "version")
		sent := drawPublish(t, v)
		if err := sent.Check(); err != nil {
			t.Fatal(err)
		}
		frame := sent.Append(nil, v)
		h, size, err := Peek(frame, 0)
		if err != nil || size != len(frame) {
			t.Fatal(size, err)
		}
		got := Publish{Topic: sent.Topic}
		if err := got.Decode(v, h, frame[size-h.Length:]); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(sent, got) {
			t.Fatal(cmp.Diff(sent, got))
		}
	})
}

func drawPublish(t *rapid.T, v Version) Publish {
	text := rapid.StringMatching(`[a-z门/\$ ]{0,200}`)
	p := Publish{
		QoS:     QoS(rapid.IntRange(0, 2).Draw(t, "qos")),
		Retain:  rapid.Bool().Draw(t, "retain"),
		Topic:   "t" + text.Draw(t, "topic"),
		Payload: rapid.SliceOfN(rapid.Byte(), 0, 20_000).Draw(t, "payload"),
	}
	if p.QoS > 0 {
		p.ID = rapid.Uint16Range(1, 0xFFFF).Draw(t, "id")
		p.Dup = rapid.Bool().Draw(t, "dup")
	}
	if v < V5 {
		return p
	}
	p.Properties.ContentType = text.Draw(t, "content type")
	p.Properties.EmptyContentType = p.Properties.ContentType == "" && rapid.Bool().Draw(t, "empty content type")
	p.Properties.MessageExpiry = rapid.Ptr(rapid.Uint32(), true).Draw(t, "expiry")
	p.Properties.SubscriptionIDs = rapid.SliceOfN(rapid.Uint32Range(1, MaxLength), 1, 9).Draw(t, "ids")
	for range rapid.IntRange(0, 50).Draw(t, "user properties") {
		p.Properties.User = append(p.Properties.User, UserProperty{text.Draw(t, "name"), text.Draw(t, "value")})
	}
	return p
}

func TestRandomVarintIsShortestAndComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint32Range(0, MaxLength).Draw(t, "n")
		b := appendVarint(nil, n)
		got, size, state := varint(append(b, 0xFF))
		if got != n || size != len(b) || state != varintOK {
			t.Fatal(got, size, state)
		}
		if len(b) > 1 && n>>(7*(len(b)-1)) == 0 {
			t.Fatal("not the shortest form")
		}
	})
}

// Two packets in one buffer are read one after the other, wherever the reads cut.
func TestPacketsAreFoundInAStreamCutAnywhere(t *testing.T) {
	t.Parallel()
	list := templates()
	rapid.Check(t, func(t *rapid.T) {
		v := V5
		var stream []byte
		var want []Type
		for range rapid.IntRange(1, 5).Draw(t, "packets") {
			tt := list[rapid.IntRange(0, len(list)-1).Filter(func(i int) bool { return list[i].v == v }).Draw(t, "template")]
			frame := tt.c.append(v)
			stream, want = append(stream, frame...), append(want, Type(frame[0]>>4))
		}
		for i, typ := range want {
			cut := rapid.IntRange(0, len(stream)).Draw(t, "cut")
			if _, _, err := read(v, stream[:cut]); err != nil && !errors.Is(err, ErrShort) {
				t.Fatal(err)
			}
			h, size, err := Peek(stream, 0)
			if err != nil || h.Type != typ {
				t.Fatal(i, h, err)
			}
			stream = stream[size:]
		}
	})
}
