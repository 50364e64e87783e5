package packet

import "fmt"

// template is a packet that is valid in its version.
type template struct {
	name string
	v    Version
	c    codec
}

var versions = []Version{V31, V311, V5}

// properties returns, for every property, a set that holds just it, and one set
// with all of them. The encoder writes those that a packet may carry.
func someProperties() []Properties {
	user := []UserProperty{{"a", "1"}, {"a", "1"}, {"", ""}}
	one, expiry, keepAlive := ptr(byte(1)), ptr(uint32(3600)), ptr(uint16(60))
	all := Properties{PayloadFormat: one, MessageExpiry: expiry, ContentType: "text/plain", ResponseTopic: "r/t",
		CorrelationData: []byte{0, 1, 0xFF}, SubscriptionIDs: []uint32{MaxLength}, SessionExpiry: expiry,
		AssignedClientID: "made", ServerKeepAlive: keepAlive, AuthMethod: "m", AuthData: []byte{9},
		RequestProblemInfo: one, WillDelay: 5, RequestResponseInfo: one, ResponseInfo: "i", ServerReference: "s",
		ReasonString: "because", ReceiveMaximum: 1, TopicAliasMaximum: 2, TopicAlias: 3, MaximumQoS: one,
		RetainAvailable: one, User: user, MaximumPacketSize: 1 << 20, WildcardSubAvailable: one,
		SubscriptionIDAvailable: one, SharedSubAvailable: one}
	return []Properties{
		{}, all,
		{PayloadFormat: ptr(byte(0))}, {MessageExpiry: ptr(uint32(0))}, {ContentType: "c"}, {ResponseTopic: "r"},
		{CorrelationData: []byte{}}, {SubscriptionIDs: []uint32{1}}, {SubscriptionIDs: []uint32{200}},
		{SessionExpiry: ptr(uint32(0xFFFFFFFF))}, {AssignedClientID: "x"}, {ServerKeepAlive: ptr(uint16(0))},
		{AuthMethod: "m"}, {AuthMethod: "m", AuthData: []byte{}}, {RequestProblemInfo: ptr(byte(0))}, {WillDelay: 1},
		{RequestResponseInfo: ptr(byte(0))}, {ResponseInfo: "x"}, {ServerReference: "x"}, {ReasonString: "\uFEFFx"},
		{ReceiveMaximum: 0xFFFF}, {TopicAliasMaximum: 0xFFFF}, {TopicAlias: 0xFFFF}, {MaximumQoS: ptr(byte(0))},
		{RetainAvailable: ptr(byte(0))}, {User: user}, {MaximumPacketSize: 1}, {WildcardSubAvailable: ptr(byte(0))},
		{SubscriptionIDAvailable: ptr(byte(0))}, {SharedSubAvailable: ptr(byte(0))},
	}
}

// templates lists valid packets: all types in all versions with all properties.
func templates() []template {
	var list []template
	for _, v := range versions {
		for i, p := range variants(v) {
			for _, c := range packetsWith(v, p) {
				h, _, _ := Peek(c.append(v), 0)
				list = append(list, template{fmt.Sprintf("%v/%v/%d.%d", v, h.Type, i, len(list)), v, c})
			}
		}
	}
	return list
}

func variants(v Version) []Properties {
	if v < V5 {
		return []Properties{{}}
	}
	return someProperties()
}

func packetsWith(v Version, p Properties) []codec {
	will := &Will{Topic: "w", Payload: []byte("gone"), QoS: 1, Retain: true, Properties: p}
	list := []codec{
		connectCodec{&Connect{Version: v, CleanStart: true, KeepAlive: 30, ClientID: "c", Properties: p}},
		connectCodec{&Connect{Version: v, ClientID: "门", HasUsername: true, Username: "u", HasPassword: true,
			Password: []byte{0, 1}, Will: will, Properties: p}},
		plainCodec{&Connack{SessionPresent: true, Properties: p}},
		plainCodec{&Connack{Reason: NotAuthorized, Properties: p}},
		plainCodec{&Publish{Topic: "a/b", Payload: []byte("hello"), Properties: p}},
		plainCodec{&Publish{Dup: true, QoS: 1, Retain: true, Topic: "/", ID: 0xFFFF, Properties: p}},
		plainCodec{&Publish{QoS: 2, Topic: "a", ID: 1, Payload: make([]byte, 130), Properties: p}},
		plainCodec{&Subscribe{ID: 1, Subscriptions: []Subscription{{Filter: "#", QoS: 2}, {Filter: "+/a"}}, Properties: p}},
		plainCodec{&Suback{ID: 2, Reasons: []ReasonCode{GrantedQoS0, GrantedQoS1, GrantedQoS2, UnspecifiedError}, Properties: p}},
		plainCodec{&Unsubscribe{ID: 3, Filters: []string{"a", "b/#"}, Properties: p}},
		plainCodec{&Unsuback{ID: 4, Reasons: []ReasonCode{Success, NoSubscriptionExisted}, Properties: p}},
		plainCodec{&Disconnect{Properties: p}},
		pingCodec{PINGREQ}, pingCodec{PINGRESP},
	}
	if v >= V311 {
		list = append(list, connectCodec{&Connect{Version: v, CleanStart: true, Properties: p}})
	}
	for _, t := range []Type{PUBACK, PUBREC, PUBREL, PUBCOMP} {
		list = append(list, plainCodec{&Ack{Type: t, ID: 7, Properties: p}})
	}
	if v < V5 {
		return list
	}
	sub := Subscription{Filter: "$share/g/a", QoS: 1, RetainAsPublished: true, RetainHandling: 2}
	return append(list,
		plainCodec{&Subscribe{ID: 9, Subscriptions: []Subscription{sub, {Filter: "a", NoLocal: true}}, Properties: p}},
		plainCodec{&Publish{Topic: "", Properties: Properties{TopicAlias: 1, SubscriptionIDs: []uint32{1, 2, 1}}}},
		plainCodec{&Ack{Type: PUBREC, ID: 1, Reason: QuotaExceeded, Properties: p}},
		plainCodec{&Disconnect{Reason: SessionTakenOver, Properties: p}},
		plainCodec{&Auth{Reason: ContinueAuthentication, Properties: p}},
		plainCodec{&Auth{Properties: p}},
	)
}
