package journal

import (
	"encoding/binary"

	"gatehouse/broker"
	"gatehouse/broker/packet"
)

// Properties are written as their identifiers in MQTT 5.0 (table 2-4) and their
// values, those that are present, to the end of the record.
const (
	payloadFormat         = 0x01
	messageExpiry         = 0x02
	contentType           = 0x03
	responseTopic         = 0x08
	correlationData       = 0x09
	subscriptionID        = 0x0B
	sessionExpiry         = 0x11
	assignedClientID      = 0x12
	serverKeepAlive       = 0x13
	authMethod            = 0x15
	authData              = 0x16
	requestProblemInfo    = 0x17
	willDelay             = 0x18
	requestResponseInfo   = 0x19
	responseInfo          = 0x1A
	serverReference       = 0x1C
	reasonString          = 0x1F
	receiveMaximum        = 0x21
	topicAliasMaximum     = 0x22
	topicAlias            = 0x23
	maximumQoS            = 0x24
	retainAvailable       = 0x25
	userProperty          = 0x26
	maximumPacketSize     = 0x27
	wildcardAvailable     = 0x28
	identifiersAvailable  = 0x29
	sharedSubscsAvailable = 0x2A
)

// What says who published a message follows its properties, in the same form.
const (
	firstOfPublisher = 0xF0
	publisherClient  = 0xF0
	publisherOf      = 0xF1 // its identity
)

func appendPublisher(b []byte, p broker.Publisher) []byte {
	return appendText(appendText(b, publisherClient, string(p.Client)), publisherOf, p.Identity)
}

func (r *reader) publisher() (p broker.Publisher) {
	for len(r.b) > 0 {
		switch r.byte() {
		case publisherClient:
			p.Client = broker.ClientID(r.string())
		case publisherOf:
			p.Identity = r.string()
		default:
			r.fail()
			return p
		}
	}
	return p
}

// appendProperties writes every property that is there, whether or not it makes
// sense for a message: what a store is given it gives back.
func appendProperties(b []byte, p *packet.Properties) []byte {
	b = appendPointer(b, payloadFormat, p.PayloadFormat)
	b = appendPointer(b, messageExpiry, p.MessageExpiry)
	b = appendText(b, contentType, p.ContentType)
	if p.EmptyContentType {
		b = appendString(append(b, contentType), "")
	}
	b = appendText(b, responseTopic, p.ResponseTopic)
	b = appendData(b, correlationData, p.CorrelationData)
	for _, u := range p.User {
		b = appendString(appendString(append(b, userProperty), u.Name), u.Value)
	}
	return appendOthers(b, p)
}

// appendOthers writes those that no message has.
func appendOthers(b []byte, p *packet.Properties) []byte {
	for _, id := range p.SubscriptionIDs {
		b = binary.AppendUvarint(append(b, subscriptionID), uint64(id))
	}
	b = appendPointer(b, sessionExpiry, p.SessionExpiry)
	b = appendText(b, assignedClientID, p.AssignedClientID)
	b = appendPointer(b, serverKeepAlive, p.ServerKeepAlive)
	b = appendText(b, authMethod, p.AuthMethod)
	b = appendData(b, authData, p.AuthData)
	b = appendPointer(b, requestProblemInfo, p.RequestProblemInfo)
	b = appendNumber(b, willDelay, p.WillDelay)
	b = appendPointer(b, requestResponseInfo, p.RequestResponseInfo)
	b = appendText(b, responseInfo, p.ResponseInfo)
	b = appendText(b, serverReference, p.ServerReference)
	b = appendText(b, reasonString, p.ReasonString)
	b = appendNumber(b, receiveMaximum, p.ReceiveMaximum)
	b = appendNumber(b, topicAliasMaximum, p.TopicAliasMaximum)
	b = appendNumber(b, topicAlias, p.TopicAlias)
	b = appendPointer(b, maximumQoS, p.MaximumQoS)
	b = appendPointer(b, retainAvailable, p.RetainAvailable)
	b = appendNumber(b, maximumPacketSize, p.MaximumPacketSize)
	b = appendPointer(b, wildcardAvailable, p.WildcardSubAvailable)
	b = appendPointer(b, identifiersAvailable, p.SubscriptionIDAvailable)
	return appendPointer(b, sharedSubscsAvailable, p.SharedSubAvailable)
}

func appendPointer[N byte | uint16 | uint32](b []byte, id byte, v *N) []byte {
	if v == nil {
		return b
	}
	return binary.AppendUvarint(append(b, id), uint64(*v))
}

func appendNumber[N uint16 | uint32](b []byte, id byte, v N) []byte {
	if v == 0 {
		return b
	}
	return binary.AppendUvarint(append(b, id), uint64(v))
}

func appendText(b []byte, id byte, s string) []byte {
	if s == "" {
		return b
	}
	return appendString(append(b, id), s)
}

func appendData(b []byte, id byte, data []byte) []byte {
	if data == nil {
		return b
	}
	return appendString(append(b, id), data)
}

// property reads one property.
func (r *reader) property(p *packet.Properties) {
	switch id := r.byte(); id {
	case payloadFormat:
		p.PayloadFormat = pointer[byte](r)
	case messageExpiry:
		p.MessageExpiry = pointer[uint32](r)
	case contentType:
		if s := r.string(); s != "" {
			p.ContentType = s
		} else {
			p.EmptyContentType = true
		}
	case responseTopic:
		p.ResponseTopic = r.string()
	case correlationData:
		p.CorrelationData = r.data()
	case userProperty:
		p.User = append(p.User, packet.UserProperty{Name: r.string(), Value: r.string()})
	case subscriptionID:
		p.SubscriptionIDs = append(p.SubscriptionIDs, r.u32())
	default:
		r.other(id, p)
	}
}

func (r *reader) other(id byte, p *packet.Properties) {
	switch id {
	case sessionExpiry:
		p.SessionExpiry = pointer[uint32](r)
	case assignedClientID:
		p.AssignedClientID = r.string()
	case serverKeepAlive:
		p.ServerKeepAlive = pointer[uint16](r)
	case authMethod:
		p.AuthMethod = r.string()
	case authData:
		p.AuthData = r.data()
	case willDelay:
		p.WillDelay = r.u32()
	case responseInfo:
		p.ResponseInfo = r.string()
	case serverReference:
		p.ServerReference = r.string()
	case reasonString:
		p.ReasonString = r.string()
	case receiveMaximum:
		p.ReceiveMaximum = r.u16()
	case topicAliasMaximum:
		p.TopicAliasMaximum = r.u16()
	case topicAlias:
		p.TopicAlias = r.u16()
	case maximumPacketSize:
		p.MaximumPacketSize = r.u32()
	default:
		r.flag(id, p)
	}
}

func (r *reader) flag(id byte, p *packet.Properties) {
	v := pointer[byte](r)
	switch id {
	case requestProblemInfo:
		p.RequestProblemInfo = v
	case requestResponseInfo:
		p.RequestResponseInfo = v
	case maximumQoS:
		p.MaximumQoS = v
	case retainAvailable:
		p.RetainAvailable = v
	case wildcardAvailable:
		p.WildcardSubAvailable = v
	case identifiersAvailable:
		p.SubscriptionIDAvailable = v
	case sharedSubscsAvailable:
		p.SharedSubAvailable = v
	default:
		r.fail()
	}
}

func pointer[N byte | uint16 | uint32](r *reader) *N {
	v := N(r.uvarint())
	return &v
}

// data is a copy; one that is present and empty is not nil.
func (r *reader) data() []byte { return append([]byte{}, r.bytes()...) }
