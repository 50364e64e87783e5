package abuse

import (
	"bytes"
	"fmt"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// badTexts are no UTF-8 strings in the sense of the standard (MQTT-1.5.4-1,
// MQTT-1.5.4-2).
func badTexts() map[string]string {
	return map[string]string{
		"null": "a\x00b", "a lone null": "\x00", "surrogate D800": "a\xed\xa0\x80", "surrogate DFFF": "\xed\xbf\xbf", "surrogate pair": "\xed\xa0\x81\xed\xb0\x80",
		"overlong slash": "\xc0\xaf", "overlong null": "\xc0\x80", "overlong of three": "\xe0\x80\xaf", "overlong of four": "\xf0\x80\x80\xaf",
		"above 10FFFF": "\xf4\x90\x80\x80", "byte FF": "a\xff", "not whole": "a\xe9\x97", "continuation alone": "\x80",
	}
}

// places are all places for text that a client may send, each with a packet that
// has it there. Those that begin with CONNECT are the first packet.
func places(s string) map[string][]byte {
	connect := func(c mqtt.Connect) []byte { c.Version = mqtt.V5; return mqtt.AppendConnect(nil, c) }
	publish := func(topic string, ps mqtt.Properties) []byte {
		return mqtt.AppendPublish(nil, mqtt.V5, mqtt.Publish{Topic: []byte(topic), QoS: 1, ID: 1, Properties: ps})
	}
	subscribe := func(f string, ps mqtt.Properties) []byte {
		return mqtt.AppendSubscribeWith(nil, mqtt.V5, 1, ps, mqtt.Filter{Name: f})
	}
	var ps mqtt.Properties
	all := map[string][]byte{
		"CONNECT client identifier":       connect(mqtt.Connect{ClientID: s}),
		"CONNECT user":                    connect(mqtt.Connect{User: s, Password: "p"}),
		"CONNECT user property":           connect(mqtt.Connect{Properties: ps.User(s, "v")}),
		"CONNECT user property's value":   connect(mqtt.Connect{Properties: ps.User("n", s)}),
		"CONNECT authentication method":   connect(mqtt.Connect{Properties: ps.Text(mqtt.AuthenticationMethod, s)}),
		"CONNECT will topic":              connect(mqtt.Connect{Will: &mqtt.Will{Topic: s}}),
		"CONNECT will content type":       connect(mqtt.Connect{Will: &mqtt.Will{Topic: "w", Properties: ps.Text(mqtt.ContentType, s)}}),
		"CONNECT will response topic":     connect(mqtt.Connect{Will: &mqtt.Will{Topic: "w", Properties: ps.Text(mqtt.ResponseTopic, s)}}),
		"CONNECT will user property":      connect(mqtt.Connect{Will: &mqtt.Will{Topic: "w", Properties: ps.User("n", s)}}),
		"PUBLISH topic":                   publish(s, nil),
		"PUBLISH content type":            publish("t", ps.Text(mqtt.ContentType, s)),
		"PUBLISH response topic":          publish("t", ps.Text(mqtt.ResponseTopic, s)),
		"PUBLISH user property":           publish("t", ps.User(s, "v")),
		"PUBLISH user property's value":   publish("t", ps.User("n", s)),
		"SUBSCRIBE filter":                subscribe(s, nil),
		"SUBSCRIBE user property":         subscribe("f", ps.User("n", s)),
		"UNSUBSCRIBE filter":              mqtt.AppendUnsubscribe(nil, mqtt.V5, 1, s),
		"PUBACK reason string":            mqtt.AppendReason(nil, mqtt.PUBACK, 1, 0, ps.Text(mqtt.ReasonString, s)),
		"PUBREL user property":            mqtt.AppendReason(nil, mqtt.PUBREL, 1, 0, ps.User("n", s)),
		"DISCONNECT reason string":        mqtt.AppendReason(nil, mqtt.DISCONNECT, 0, 4, ps.Text(mqtt.ReasonString, s)),
		"DISCONNECT user property's name": mqtt.AppendReason(nil, mqtt.DISCONNECT, 0, 4, ps.User(s, "")),
	}
	return all
}

func TestTextThatIsNoneIsNowhereTaken(t *testing.T) {
	parallel(t)
	s := release(t)
	var list []nonsense
	for what, bad := range badTexts() {
		for place, b := range places(bad) {
			list = append(list, nonsense{what + " as " + place, mqtt.V5, place[:7] != "CONNECT", b})
		}
	}
	took := refuse(t, s, list)
	prove.Record(t, "text that is no UTF-8 is nowhere taken", "0 wrongly taken", fmt.Sprintf("%d refused of %d: %d texts in %d places", len(took), len(list), len(badTexts()), len(places(""))))
}

func TestTextThatIsTakenIsPassedOnUnchanged(t *testing.T) {
	parallel(t)
	s := release(t)
	taken := 0
	odd := []string{"\uFEFF", "\uFEFFa", "a\uFEFF", "\u0001", "\n", "\u001f", "\u007f", "\u009f", "\uffff", "\ufdd0", "\U0010ffff", "e\u0301", "\u00e9", "A\u030a", "\u212b", " ", "\u202e"}
	for k, text := range odd {
		r := s.must(t, mqtt.Connect{Version: mqtt.V5})
		if err := r.SubscribeNow(1, 0, fmt.Sprintf("text/%d/#", k)); err != nil {
			t.Fatal(err)
		}
		p := s.must(t, mqtt.Connect{Version: mqtt.V5, ClientID: fmt.Sprint("text-", k)})
		ps := mqtt.Properties{}.Text(mqtt.ContentType, text).Text(mqtt.ResponseTopic, "r"+text).User(text, text).Text(mqtt.CorrelationData, text)
		topic := fmt.Appendf(nil, "text/%d/%s", k, text)
		p.Publish(mqtt.Publish{Topic: topic, Payload: []byte(text), Properties: ps})
		p.Ping()
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Expect(mqtt.PINGRESP); err != nil {
			t.Logf("%q is refused: %v", text, err) // the standard leaves that open for some
			if bytes.Contains([]byte(text), []byte("\uFEFF")) {
				t.Errorf("the byte-order mark is refused (MQTT-1.5.4-3): %v", err)
			}
			continue
		}
		taken++
		if m, err := r.Expect(mqtt.PUBLISH); err != nil || !bytes.Equal(m.Publish.Topic, topic) || string(m.Publish.Payload) != text || !sameProperties(m.Publish.Properties, ps) {
			t.Errorf("%q came as %q, % x, %v", text, m.Publish.Topic, m.Publish.Properties, err)
		}
	}
	prove.Record(t, "text that is taken is passed on unchanged", "0 changed", fmt.Sprintf("%d of %d texts taken, 0 changed", taken, len(odd)))
}

// sameProperties compares what a message may carry; the order among different
// properties is nobody's.
func sameProperties(a, b mqtt.Properties) bool {
	if len(a) != len(b) {
		return false
	}
	for _, p := range []mqtt.Property{mqtt.ContentType, mqtt.ResponseTopic, mqtt.CorrelationData, mqtt.UserProperty} {
		x, there := a.GetText(p)
		if y, too := b.GetText(p); there != too || !bytes.Equal(x, y) {
			return false
		}
	}
	return true
}
