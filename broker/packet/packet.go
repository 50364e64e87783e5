package packet

// Version is the protocol level of a connection: the byte that follows the
// protocol name in CONNECT (MQTT 3.1.1 and 5.0, section 3.1.2.2).
type Version byte

// The protocol levels that exist.
const (
	V31  Version = 3 // MQTT 3.1, protocol name "MQIsdp"
	V311 Version = 4 // MQTT 3.1.1
	V5   Version = 5 // MQTT 5.0
)

// Type is the control packet type: the upper four bits of the first byte
// (MQTT 5.0, section 2.1.2).
type Type byte

// The control packet types.
const (
	CONNECT     Type = 1
	CONNACK     Type = 2
	PUBLISH     Type = 3
	PUBACK      Type = 4
	PUBREC      Type = 5
	PUBREL      Type = 6
	PUBCOMP     Type = 7
	SUBSCRIBE   Type = 8
	SUBACK      Type = 9
	UNSUBSCRIBE Type = 10
	UNSUBACK    Type = 11
	PINGREQ     Type = 12
	PINGRESP    Type = 13
	DISCONNECT  Type = 14
	AUTH        Type = 15
)

// QoS is a quality of service level: 0, 1 or 2.
type QoS byte

// UserProperty is one name and value of a v5 user property. The order of a
// list of them is part of the message (MQTT-3.3.2-18).
type UserProperty struct{ Name, Value string }

// Properties holds the properties of one v5 packet or will. A nil pointer, an
// empty string, a nil slice and a zero in a field whose zero the standard
// forbids all mean "absent". Which properties a packet may carry is checked by
// its decoder (MQTT 5.0, table 2-4).
type Properties struct {
	PayloadFormat           *byte          // PUBLISH, will: 0 bytes, 1 UTF-8
	MessageExpiry           *uint32        // PUBLISH, will: seconds
	ContentType             string         // PUBLISH, will
	ResponseTopic           string         // PUBLISH, will
	CorrelationData         []byte         // PUBLISH, will
	SubscriptionIDs         []uint32       // PUBLISH to a client (many), SUBSCRIBE (one)
	SessionExpiry           *uint32        // CONNECT, CONNACK, DISCONNECT: seconds, 0xFFFFFFFF never
	AssignedClientID        string         // CONNACK
	ServerKeepAlive         *uint16        // CONNACK: seconds
	AuthMethod              string         // CONNECT, CONNACK, AUTH
	AuthData                []byte         // CONNECT, CONNACK, AUTH
	RequestProblemInfo      *byte          // CONNECT
	WillDelay               uint32         // will: seconds
	RequestResponseInfo     *byte          // CONNECT
	ResponseInfo            string         // CONNACK
	ServerReference         string         // CONNACK, DISCONNECT
	ReasonString            string         // every acknowledgement, DISCONNECT, AUTH
	ReceiveMaximum          uint16         // CONNECT, CONNACK
	TopicAliasMaximum       uint16         // CONNECT, CONNACK
	TopicAlias              uint16         // PUBLISH
	MaximumQoS              *byte          // CONNACK: 0 or 1
	RetainAvailable         *byte          // CONNACK
	User                    []UserProperty // every packet and will
	MaximumPacketSize       uint32         // CONNECT, CONNACK: bytes
	WildcardSubAvailable    *byte          // CONNACK
	SubscriptionIDAvailable *byte          // CONNACK
	SharedSubAvailable      *byte          // CONNACK
}

// Will is the message that the server publishes for a client that is gone.
// Only the will's own properties are set: PayloadFormat, MessageExpiry,
// ContentType, ResponseTopic, CorrelationData, WillDelay and User.
type Will struct {
	Topic      string
	Payload    []byte
	QoS        QoS
	Retain     bool
	Properties Properties
}

// Connect is the first packet of a client.
type Connect struct {
	Version     Version
	CleanStart  bool
	KeepAlive   uint16 // seconds; 0 turns the mechanism off
	ClientID    string
	HasUsername bool
	Username    string
	HasPassword bool
	Password    []byte
	Will        *Will
	Properties  Properties
}

// Connack answers a Connect. For 3.x the encoder turns Reason into the return
// code of MQTT 3.1.1 table 3.1; see ReasonCode.ReturnCode.
type Connack struct {
	SessionPresent bool
	Reason         ReasonCode
	Properties     Properties
}

// Publish carries an application message.
type Publish struct {
	Dup        bool
	QoS        QoS
	Retain     bool
	Topic      string
	ID         uint16 // 0 at QoS 0
	Properties Properties
	Payload    []byte
}

// Ack is PUBACK, PUBREC, PUBREL or PUBCOMP: the four have one form.
type Ack struct {
	Type       Type
	ID         uint16
	Reason     ReasonCode
	Properties Properties
}

// RetainHandling says which retained messages a subscription asks for (MQTT 5.0,
// section 3.8.3.1): 0 always, 1 only if the subscription is new, 2 none.
type RetainHandling byte

// Subscription is one filter of a SUBSCRIBE with its options.
type Subscription struct {
	Filter            string
	QoS               QoS
	NoLocal           bool
	RetainAsPublished bool
	RetainHandling    RetainHandling
}

// Subscribe asks for one or more filters.
type Subscribe struct {
	ID            uint16
	Subscriptions []Subscription
	Properties    Properties
}

// Suback answers a Subscribe with one reason per filter, in their order.
type Suback struct {
	ID         uint16
	Reasons    []ReasonCode
	Properties Properties
}

// Unsubscribe gives filters back.
type Unsubscribe struct {
	ID         uint16
	Filters    []string
	Properties Properties
}

// Unsuback answers an Unsubscribe; 3.x has no reasons in it.
type Unsuback struct {
	ID         uint16
	Reasons    []ReasonCode
	Properties Properties
}

// Disconnect ends a connection; 3.x clients send it without a body and never
// receive one.
type Disconnect struct {
	Reason     ReasonCode
	Properties Properties
}

// Auth is one step of an enhanced authentication (v5).
type Auth struct {
	Reason     ReasonCode
	Properties Properties
}
