package packet

// UserProperty is one name and value of a v5 user property. The order of a
// list of them is part of the message (MQTT-3.3.2-18).
type UserProperty struct{ Name, Value string }

// Properties holds the properties of one v5 packet or will. A nil pointer, an
// empty string, a nil slice and a zero in a field whose zero the standard
// forbids or makes the default all mean "absent". Which properties a packet may
// carry is checked by its decoder (MQTT 5.0, table 2-4).
type Properties struct {
	PayloadFormat           *byte          // PUBLISH, will: 0 bytes, 1 UTF-8
	MessageExpiry           *uint32        // PUBLISH, will: seconds
	ContentType             string         // PUBLISH, will
	EmptyContentType        bool           // PUBLISH, will: ContentType is present, and empty
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

// Property identifiers (MQTT 5.0, table 2-4).
const (
	propPayloadFormat           = 0x01
	propMessageExpiry           = 0x02
	propContentType             = 0x03
	propResponseTopic           = 0x08
	propCorrelationData         = 0x09
	propSubscriptionID          = 0x0B
	propSessionExpiry           = 0x11
	propAssignedClientID        = 0x12
	propServerKeepAlive         = 0x13
	propAuthMethod              = 0x15
	propAuthData                = 0x16
	propRequestProblemInfo      = 0x17
	propWillDelay               = 0x18
	propRequestResponseInfo     = 0x19
	propResponseInfo            = 0x1A
	propServerReference         = 0x1C
	propReasonString            = 0x1F
	propReceiveMaximum          = 0x21
	propTopicAliasMaximum       = 0x22
	propTopicAlias              = 0x23
	propMaximumQoS              = 0x24
	propRetainAvailable         = 0x25
	propUser                    = 0x26
	propMaximumPacketSize       = 0x27
	propWildcardSubAvailable    = 0x28
	propSubscriptionIDAvailable = 0x29
	propSharedSubAvailable      = 0x2A
)

// propSet is a set of property identifiers, one bit each.
type propSet uint64

// The properties that each packet may carry (MQTT 5.0, table 2-4).
const (
	willProps propSet = 1<<propPayloadFormat | 1<<propMessageExpiry | 1<<propContentType | 1<<propResponseTopic |
		1<<propCorrelationData | 1<<propWillDelay | 1<<propUser
	connectProps propSet = 1<<propSessionExpiry | 1<<propAuthMethod | 1<<propAuthData | 1<<propRequestProblemInfo |
		1<<propRequestResponseInfo | 1<<propReceiveMaximum | 1<<propTopicAliasMaximum | 1<<propUser |
		1<<propMaximumPacketSize
	connackProps propSet = 1<<propSessionExpiry | 1<<propAssignedClientID | 1<<propServerKeepAlive |
		1<<propAuthMethod | 1<<propAuthData | 1<<propResponseInfo | 1<<propServerReference | 1<<propReasonString |
		1<<propReceiveMaximum | 1<<propTopicAliasMaximum | 1<<propMaximumQoS | 1<<propRetainAvailable |
		1<<propUser | 1<<propMaximumPacketSize | 1<<propWildcardSubAvailable | 1<<propSubscriptionIDAvailable |
		1<<propSharedSubAvailable
	publishProps propSet = 1<<propPayloadFormat | 1<<propMessageExpiry | 1<<propContentType | 1<<propResponseTopic |
		1<<propCorrelationData | 1<<propSubscriptionID | 1<<propTopicAlias | 1<<propUser
	ackProps         propSet = 1<<propReasonString | 1<<propUser // PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK
	subscribeProps   propSet = 1<<propSubscriptionID | 1<<propUser
	unsubscribeProps propSet = 1 << propUser
	disconnectProps  propSet = 1<<propSessionExpiry | 1<<propServerReference | 1<<propReasonString | 1<<propUser
	authProps        propSet = 1<<propAuthMethod | 1<<propAuthData | 1<<propReasonString | 1<<propUser

	knownProps = willProps | connectProps | connackProps | publishProps | disconnectProps
)

// propNames names the properties in words, for errors. It is never written.
var propNames = [...]string{
	propPayloadFormat: "payload format indicator", propMessageExpiry: "message expiry interval",
	propContentType: "content type", propResponseTopic: "response topic",
	propCorrelationData: "correlation data", propSubscriptionID: "subscription identifier",
	propSessionExpiry: "session expiry interval", propAssignedClientID: "assigned client identifier",
	propServerKeepAlive: "server keep alive", propAuthMethod: "authentication method",
	propAuthData: "authentication data", propRequestProblemInfo: "request problem information",
	propWillDelay: "will delay interval", propRequestResponseInfo: "request response information",
	propResponseInfo: "response information", propServerReference: "server reference",
	propReasonString: "reason string", propReceiveMaximum: "receive maximum",
	propTopicAliasMaximum: "topic alias maximum", propTopicAlias: "topic alias",
	propMaximumQoS: "maximum QoS", propRetainAvailable: "retain available", propUser: "user property",
	propMaximumPacketSize:       "maximum packet size",
	propWildcardSubAvailable:    "wildcard subscription available",
	propSubscriptionIDAvailable: "subscription identifiers available",
	propSharedSubAvailable:      "shared subscription available",
}
