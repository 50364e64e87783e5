package db

import (
	"time"

	"gatehouse/broker"
	"gatehouse/broker/packet"
)

// propertiesColumn is packet.Properties as JSON: absent properties are left out,
// and whatever is there comes back as it was.
type propertiesColumn struct {
	PayloadFormat           *byte                 `json:",omitzero"`
	MessageExpiry           *uint32               `json:",omitzero"`
	ContentType             string                `json:",omitzero"`
	EmptyContentType        bool                  `json:",omitzero"`
	ResponseTopic           string                `json:",omitzero"`
	CorrelationData         []byte                `json:",omitzero"`
	SubscriptionIDs         []uint32              `json:",omitzero"`
	SessionExpiry           *uint32               `json:",omitzero"`
	AssignedClientID        string                `json:",omitzero"`
	ServerKeepAlive         *uint16               `json:",omitzero"`
	AuthMethod              string                `json:",omitzero"`
	AuthData                []byte                `json:",omitzero"`
	RequestProblemInfo      *byte                 `json:",omitzero"`
	WillDelay               uint32                `json:",omitzero"`
	RequestResponseInfo     *byte                 `json:",omitzero"`
	ResponseInfo            string                `json:",omitzero"`
	ServerReference         string                `json:",omitzero"`
	ReasonString            string                `json:",omitzero"`
	ReceiveMaximum          uint16                `json:",omitzero"`
	TopicAliasMaximum       uint16                `json:",omitzero"`
	TopicAlias              uint16                `json:",omitzero"`
	MaximumQoS              *byte                 `json:",omitzero"`
	RetainAvailable         *byte                 `json:",omitzero"`
	User                    []packet.UserProperty `json:",omitzero"`
	MaximumPacketSize       uint32                `json:",omitzero"`
	WildcardSubAvailable    *byte                 `json:",omitzero"`
	SubscriptionIDAvailable *byte                 `json:",omitzero"`
	SharedSubAvailable      *byte                 `json:",omitzero"`
}

// propertiesOf gives a message's properties as a column.
func propertiesOf(m broker.Message) document[propertiesColumn] {
	return document[propertiesColumn]{propertiesColumn(m.Properties)}
}

// bytesOf gives a payload as a column: no payload is an empty one, not NULL.
func bytesOf(payload []byte) []byte {
	if payload == nil {
		return []byte{}
	}
	return payload
}

// span is a duration as a column: microseconds, -1 for never ending.
func span(d time.Duration) int64 {
	if d < 0 {
		return -1
	}
	return d.Microseconds()
}

// duration reads what span wrote.
func duration(micros int64) time.Duration {
	if micros < 0 {
		return broker.NeverExpires
	}
	return time.Duration(micros) * time.Microsecond
}

// messageColumns are the columns that every stored message has, in the order in
// which message reads them.
const messageColumns = "topic, payload, qos, retain, properties, expires"

// storedMessage reads messageColumns.
type storedMessage struct {
	m          broker.Message
	properties document[propertiesColumn]
	expires    stamp
}

// targets are where a row's messageColumns go.
func (s *storedMessage) targets() []any {
	return []any{&s.m.Topic, &s.m.Payload, &s.m.QoS, &s.m.Retain, &s.properties, &s.expires}
}

func (s *storedMessage) message() broker.Message {
	s.m.Properties = packet.Properties(s.properties.v)
	s.m.Expires = s.expires.time()
	return s.m
}
