package mqtt

import (
	"bytes"
	"strings"
	"testing"
)

func TestPropertiesHaveTheBytesOfTheStandardAndAreFoundAgain(t *testing.T) {
	t.Parallel()
	ps := Properties{}.Number(PayloadFormatIndicator, 1).Number(TopicAlias, 258).Number(MessageExpiryInterval, 1<<24).
		Number(SubscriptionIdentifier, 200).Text(ContentType, "a").User("n", "v")
	want := []byte("\x01\x01\x23\x01\x02\x02\x01\x00\x00\x00\x0b\xc8\x01\x03\x00\x01a\x26\x00\x01n\x00\x01v")
	if !bytes.Equal(ps, want) {
		t.Fatalf("% x, want % x", []byte(ps), want)
	}
	for p, want := range map[Property]uint32{PayloadFormatIndicator: 1, TopicAlias: 258, MessageExpiryInterval: 1 << 24, SubscriptionIdentifier: 200} {
		if got, there := ps.GetNumber(p); !there || got != want {
			t.Errorf("%#x: %d, %v", p, got, there)
		}
	}
	if got, there := ps.GetText(ContentType); !there || string(got) != "a" {
		t.Errorf("content type %q, %v", got, there)
	}
	if _, there := ps.GetNumber(ReceiveMaximum); there {
		t.Error("a property that is not there was found")
	}
}

func TestPropertiesThatAreNotWholeAreAnError(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"\x00\x00", "\x01", "\x23\x01", "\x02\x00\x00\x00", "\x0b\x80", "\x03\x00\x02a", "\x26\x00\x01n\x00\x02v", "\x26\x00"} {
		if err := Properties(bad).check(); err == nil {
			t.Errorf("% x is taken", bad)
		}
		body := append([]byte{0, 0, byte(len(bad))}, bad...)
		if _, err := parse(V5, byte(CONNACK)<<4, body); err == nil || !strings.Contains(err.Error(), "properties") {
			t.Errorf("CONNACK with % x: %v", bad, err)
		}
	}
}

func TestWhatAServerSaysInPropertiesIsRead(t *testing.T) {
	t.Parallel()
	ps := Properties{}.Number(ReceiveMaximum, 256)
	p, err := parse(V5, byte(CONNACK)<<4, appendProperties([]byte{0, 0}, V5, ps))
	if err != nil || !bytes.Equal(p.Properties, ps) {
		t.Errorf("CONNACK: %+v, %v", p, err)
	}
	sent := Publish{Topic: []byte("t"), Payload: []byte("p"), QoS: 1, ID: 1, Properties: Properties{}.User("a", "b")}
	first, body, _, err := frame(AppendPublish(nil, V5, sent), V5)
	if err != nil {
		t.Fatal(err)
	}
	p, err = parse(V5, first, body)
	if err != nil || !bytes.Equal(p.Properties, sent.Properties) || string(p.Publish.Payload) != "p" {
		t.Errorf("PUBLISH: %+v, %v", p, err)
	}
}
