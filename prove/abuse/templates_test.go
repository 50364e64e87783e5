package abuse

import (
	"encoding/binary"
	"fmt"
	"slices"

	"gatehouse/prove/mqtt"
)

// template is a packet that is right in its version.
type template struct {
	name  string
	v     mqtt.Version
	first byte
	body  []byte
	// right says whether the body is still that of a right packet when it ends
	// after n bytes.
	right func(n int) bool
}

func (x template) bytes() []byte { return mqtt.AppendFrame(nil, x.first, x.body) }

func never(int) bool { return false }

// newTemplate makes a template of packet bytes.
func newTemplate(name string, v mqtt.Version, packet []byte, right func(n int) bool) template {
	k := 1
	for packet[k]&0x80 != 0 {
		k++
	}
	return template{fmt.Sprintf("version %d %s %s", v, mqtt.Type(packet[0]>>4), name), v, packet[0], packet[k+1:], right}
}

var versions = []mqtt.Version{mqtt.V311, mqtt.V5}

// property is one property with a value that is right, and the packets that a
// client may put it in.
type property struct {
	is mqtt.Property
	ps mqtt.Properties
	in []mqtt.Type // 0 stands for a will
}

const will mqtt.Type = 0

func properties() []property {
	acks := []mqtt.Type{mqtt.PUBACK, mqtt.PUBREC, mqtt.PUBREL, mqtt.PUBCOMP}
	number := func(p mqtt.Property, n uint32, in ...mqtt.Type) property {
		return property{p, mqtt.Properties{}.Number(p, n), in}
	}
	text := func(p mqtt.Property, s string, in ...mqtt.Type) property {
		return property{p, mqtt.Properties{}.Text(p, s), in}
	}
	user := property{mqtt.UserProperty, mqtt.Properties{}.User("name", "value").User("name", "value").User("", ""),
		append([]mqtt.Type{mqtt.CONNECT, will, mqtt.PUBLISH, mqtt.SUBSCRIBE, mqtt.UNSUBSCRIBE, mqtt.DISCONNECT, mqtt.AUTH}, acks...)}
	return []property{
		number(mqtt.PayloadFormatIndicator, 1, mqtt.PUBLISH, will), number(mqtt.MessageExpiryInterval, 60, mqtt.PUBLISH, will),
		text(mqtt.ContentType, "text/plain", mqtt.PUBLISH, will), text(mqtt.ResponseTopic, "answer/1", mqtt.PUBLISH, will),
		text(mqtt.CorrelationData, "\x00\x01\xff", mqtt.PUBLISH, will), number(mqtt.SubscriptionIdentifier, 200, mqtt.SUBSCRIBE),
		number(mqtt.SessionExpiryInterval, 1, mqtt.CONNECT), number(mqtt.ReceiveMaximum, 7, mqtt.CONNECT),
		number(mqtt.MaximumPacketSize, 4096, mqtt.CONNECT), number(mqtt.TopicAliasMaximum, 3, mqtt.CONNECT),
		number(mqtt.RequestResponse, 1, mqtt.CONNECT), number(mqtt.RequestProblem, 0, mqtt.CONNECT),
		number(mqtt.WillDelayInterval, 5, will), number(mqtt.TopicAlias, 3, mqtt.PUBLISH),
		text(mqtt.ReasonString, "because", append([]mqtt.Type{mqtt.DISCONNECT}, acks...)...), user,
	}
}

// sets gives no properties, each one that a packet may carry, and all of them.
func sets(t mqtt.Type) (list []mqtt.Properties) {
	var all mqtt.Properties
	list = append(list, nil)
	for _, p := range properties() {
		if slices.Contains(p.in, t) {
			list, all = append(list, p.ps), append(all, p.ps...)
		}
	}
	return append(list, all)
}

// templates are right packets of all types: of both versions, and with all
// properties. Those that only a server may send are among them.
func templates() (list []template) {
	for _, v := range versions {
		list = append(list, connects(v)...)
		list = append(list, publishes(v)...)
		list = append(list, filters(v)...)
		list = append(list, acks(v)...)
		list = append(list, bare(v)...)
	}
	return list
}

func setsOf(v mqtt.Version, t mqtt.Type) []mqtt.Properties {
	if v != mqtt.V5 {
		return []mqtt.Properties{nil}
	}
	return sets(t)
}

func connects(v mqtt.Version) (list []template) {
	add := func(name string, c mqtt.Connect) {
		c.Version = v
		list = append(list, newTemplate(name, v, mqtt.AppendConnect(nil, c), never))
	}
	for i, ps := range setsOf(v, mqtt.CONNECT) {
		add(fmt.Sprint(i), mqtt.Connect{ClientID: "template", Properties: ps})
		add(fmt.Sprint(i, " persistent"), mqtt.Connect{ClientID: "模板", Persistent: true, KeepAlive: 0xffff, Properties: ps})
		add(fmt.Sprint(i, " login"), mqtt.Connect{ClientID: "template", User: "user", Password: "password", KeepAlive: 10, Properties: ps})
	}
	for i, ps := range setsOf(v, will) {
		for qos := range byte(3) {
			w := &mqtt.Will{Topic: "will/of/template", Payload: []byte("gone"), QoS: qos, Retain: qos == 1, Properties: ps}
			add(fmt.Sprint(i, " will ", qos), mqtt.Connect{ClientID: "template", Will: w, User: "u", Password: "p"})
		}
	}
	return list
}

func publishes(v mqtt.Version) (list []template) {
	for i, ps := range setsOf(v, mqtt.PUBLISH) {
		for qos := range byte(3) {
			for _, m := range []mqtt.Publish{
				{Topic: []byte("a/b"), Payload: []byte("payload")},
				{Topic: []byte("/"), Retain: true},
				{Topic: []byte("门/1"), Payload: make([]byte, 120), Dup: qos > 0},
			} {
				m.QoS, m.ID, m.Properties = qos, 7, ps
				packet := mqtt.AppendPublish(nil, v, m)
				head := len(packet) - len(m.Payload)
				x := newTemplate(fmt.Sprint(i, " ", qos), v, packet, nil)
				head -= len(packet) - len(x.body)
				x.right = func(n int) bool { return n >= head }
				list = append(list, x)
			}
		}
	}
	return list
}

func filters(v mqtt.Version) (list []template) {
	names := []string{"a/b", "+/c/#", "#", "门/+"}
	for i, ps := range setsOf(v, mqtt.SUBSCRIBE) {
		for many := 1; many <= len(names); many += 3 {
			var fs []mqtt.Filter
			for k, name := range names[:many] {
				fs = append(fs, mqtt.Filter{Name: name, Options: byte(k % 3)})
			}
			list = append(list, newTemplate(fmt.Sprint(i, " of ", many), v, mqtt.AppendSubscribeWith(nil, v, 9, ps, fs...), ends(names[:many], ps, v, 1)))
		}
	}
	for i, ps := range setsOf(v, mqtt.UNSUBSCRIBE) {
		body := binary.BigEndian.AppendUint16(nil, 10)
		if v == mqtt.V5 {
			body = append(append(body, byte(len(ps))), ps...)
		}
		for _, name := range names {
			body = append(binary.BigEndian.AppendUint16(body, uint16(len(name))), name...)
		}
		list = append(list, newTemplate(fmt.Sprint(i), v, mqtt.AppendFrame(nil, 0xa2, body), ends(names, ps, v, 0)))
	}
	return list
}

// ends finds the places at which a list of filters may end: behind each of them.
func ends(names []string, ps mqtt.Properties, v mqtt.Version, after int) func(n int) bool {
	at := 2
	if v == mqtt.V5 {
		at += 1 + len(ps)
	}
	var places []int
	for _, name := range names {
		at += 2 + len(name) + after
		places = append(places, at)
	}
	return func(n int) bool { return slices.Contains(places, n) }
}

func acks(v mqtt.Version) (list []template) {
	for _, t := range []mqtt.Type{mqtt.PUBACK, mqtt.PUBREC, mqtt.PUBREL, mqtt.PUBCOMP} {
		list = append(list, newTemplate("short", v, mqtt.AppendAck(nil, t, 7), never))
		if v != mqtt.V5 {
			continue
		}
		for i, ps := range sets(t) {
			list = append(list, newTemplate(fmt.Sprint(i), v, mqtt.AppendReason(nil, t, 7, 0, ps), func(n int) bool { return n == 2 || n == 3 }))
		}
	}
	return list
}

// bare are the rest, also those that only a server sends.
func bare(v mqtt.Version) (list []template) {
	for _, packet := range [][]byte{{0xc0, 0}, {0xe0, 0}, {0xd0, 0}, {0x20, 2, 0, 0}, {0x90, 3, 0, 1, 0}, {0xb0, 2, 0, 1}} {
		list = append(list, newTemplate("bare", v, packet, never))
	}
	if v != mqtt.V5 {
		return list
	}
	for i, ps := range sets(mqtt.DISCONNECT) {
		packet := mqtt.AppendReason(nil, mqtt.DISCONNECT, 0, 4, ps)
		list = append(list, newTemplate(fmt.Sprint(i), v, packet, func(n int) bool { return n < 2 }))
	}
	method := mqtt.Properties{}.Text(mqtt.AuthenticationMethod, "m").Text(mqtt.AuthenticationData, "d")
	for i, ps := range sets(mqtt.AUTH) {
		list = append(list, newTemplate(fmt.Sprint(i), v, mqtt.AppendReason(nil, mqtt.AUTH, 0, 0x18, append(ps, method...)), never))
	}
	return list
}
