package packet

import "strconv"

// ReasonCode is the result of an operation (MQTT 5.0, section 2.4). Codes from
// 0x80 are failures.
type ReasonCode byte

// The reason codes. Success, NormalDisconnection and GrantedQoS0 are one value
// with three meanings.
const (
	Success                           ReasonCode = 0x00 // CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK, AUTH
	NormalDisconnection               ReasonCode = 0x00 // DISCONNECT: the will is discarded
	GrantedQoS0                       ReasonCode = 0x00 // SUBACK
	GrantedQoS1                       ReasonCode = 0x01 // SUBACK
	GrantedQoS2                       ReasonCode = 0x02 // SUBACK
	DisconnectWithWill                ReasonCode = 0x04 // DISCONNECT
	NoMatchingSubscribers             ReasonCode = 0x10 // PUBACK, PUBREC
	NoSubscriptionExisted             ReasonCode = 0x11 // UNSUBACK
	ContinueAuthentication            ReasonCode = 0x18 // AUTH
	ReAuthenticate                    ReasonCode = 0x19 // AUTH
	UnspecifiedError                  ReasonCode = 0x80
	MalformedPacket                   ReasonCode = 0x81
	ProtocolError                     ReasonCode = 0x82
	ImplementationSpecific            ReasonCode = 0x83
	UnsupportedProtocolVersion        ReasonCode = 0x84
	ClientIdentifierNotValid          ReasonCode = 0x85
	BadUserNameOrPassword             ReasonCode = 0x86
	NotAuthorized                     ReasonCode = 0x87
	ServerUnavailable                 ReasonCode = 0x88
	ServerBusy                        ReasonCode = 0x89
	Banned                            ReasonCode = 0x8A
	ServerShuttingDown                ReasonCode = 0x8B
	BadAuthenticationMethod           ReasonCode = 0x8C
	KeepAliveTimeout                  ReasonCode = 0x8D
	SessionTakenOver                  ReasonCode = 0x8E
	TopicFilterInvalid                ReasonCode = 0x8F
	TopicNameInvalid                  ReasonCode = 0x90
	PacketIdentifierInUse             ReasonCode = 0x91
	PacketIdentifierNotFound          ReasonCode = 0x92
	ReceiveMaximumExceeded            ReasonCode = 0x93
	TopicAliasInvalid                 ReasonCode = 0x94
	PacketTooLarge                    ReasonCode = 0x95
	MessageRateTooHigh                ReasonCode = 0x96
	QuotaExceeded                     ReasonCode = 0x97
	AdministrativeAction              ReasonCode = 0x98
	PayloadFormatInvalid              ReasonCode = 0x99
	RetainNotSupported                ReasonCode = 0x9A
	QoSNotSupported                   ReasonCode = 0x9B
	UseAnotherServer                  ReasonCode = 0x9C
	ServerMoved                       ReasonCode = 0x9D
	SharedSubscriptionsNotSupported   ReasonCode = 0x9E
	ConnectionRateExceeded            ReasonCode = 0x9F
	MaximumConnectTime                ReasonCode = 0xA0
	SubscriptionIDsNotSupported       ReasonCode = 0xA1
	WildcardSubscriptionsNotSupported ReasonCode = 0xA2
)

// Failed reports whether the code says that the operation did not succeed.
func (r ReasonCode) Failed() bool { return r >= 0x80 }

// String names the code in words; an unknown one is shown in hexadecimal.
func (r ReasonCode) String() string {
	if s := r.name(); s != "" {
		return s
	}
	return "reason 0x" + strconv.FormatUint(uint64(r), 16)
}

func (r ReasonCode) name() string {
	if r.Failed() {
		return r.failureName()
	}
	switch r {
	case Success:
		return "success"
	case GrantedQoS1:
		return "granted QoS 1"
	case GrantedQoS2:
		return "granted QoS 2"
	case DisconnectWithWill:
		return "disconnect with will message"
	case NoMatchingSubscribers:
		return "no matching subscribers"
	case NoSubscriptionExisted:
		return "no subscription existed"
	case ContinueAuthentication:
		return "continue authentication"
	case ReAuthenticate:
		return "re-authenticate"
	default:
		return ""
	}
}

// failureName looks a failure up; the failures are numbered without a gap.
func (r ReasonCode) failureName() string {
	names := [...]string{
		"unspecified error", "malformed packet", "protocol error", "implementation specific error",
		"unsupported protocol version", "client identifier not valid", "bad user name or password", "not authorized",
		"server unavailable", "server busy", "banned", "server shutting down",
		"bad authentication method", "keep alive timeout", "session taken over", "topic filter invalid",
		"topic name invalid", "packet identifier in use", "packet identifier not found", "receive maximum exceeded",
		"topic alias invalid", "packet too large", "message rate too high", "quota exceeded",
		"administrative action", "payload format invalid", "retain not supported", "QoS not supported",
		"use another server", "server moved", "shared subscriptions not supported", "connection rate exceeded",
		"maximum connect time", "subscription identifiers not supported", "wildcard subscriptions not supported",
	}
	if i := int(r) - int(UnspecifiedError); i < len(names) {
		return names[i]
	}
	return ""
}

// NoReturnCode is the answer of ReturnCode for a reason that the CONNACK of 3.x
// cannot express: the server closes without a CONNACK (MQTT 3.1.1, MQTT-3.2.2-6).
const NoReturnCode byte = 0xFF

// ReturnCode is the CONNACK return code of 3.x that says the same (MQTT 3.1.1,
// table 3.1), or NoReturnCode.
func (r ReasonCode) ReturnCode() byte {
	switch r {
	case Success:
		return 0
	case UnsupportedProtocolVersion:
		return 1
	case ClientIdentifierNotValid:
		return 2
	case ServerUnavailable, ServerBusy, ServerShuttingDown, QuotaExceeded, UseAnotherServer, ServerMoved,
		ConnectionRateExceeded, UnspecifiedError, ImplementationSpecific:
		return 3
	case BadUserNameOrPassword:
		return 4
	case NotAuthorized, Banned, BadAuthenticationMethod:
		return 5
	default:
		return NoReturnCode
	}
}

// reasonOf is the reason that a 3.x return code stands for.
func reasonOf(returnCode byte) (ReasonCode, bool) {
	switch returnCode {
	case 0:
		return Success, true
	case 1:
		return UnsupportedProtocolVersion, true
	case 2:
		return ClientIdentifierNotValid, true
	case 3:
		return ServerUnavailable, true
	case 4:
		return BadUserNameOrPassword, true
	case 5:
		return NotAuthorized, true
	default:
		return 0, false
	}
}

// ValidIn reports whether the standard lists the code for a packet type: sections
// 3.2.2.2, 3.4.2.1, 3.5.2.1, 3.6.2.1, 3.7.2.1, 3.9.3, 3.11.3, 3.14.2.1, 3.15.2.1.
func (r ReasonCode) ValidIn(t Type) bool {
	switch t {
	case CONNACK:
		return r == Success || r >= UnspecifiedError && r <= Banned || r.connackTail()
	case PUBACK, PUBREC:
		switch r {
		case Success, NoMatchingSubscribers, UnspecifiedError, ImplementationSpecific, NotAuthorized,
			TopicNameInvalid, PacketIdentifierInUse, QuotaExceeded, PayloadFormatInvalid:
			return true
		}
	case PUBREL, PUBCOMP:
		return r == Success || r == PacketIdentifierNotFound
	case SUBACK:
		switch r {
		case GrantedQoS0, GrantedQoS1, GrantedQoS2, UnspecifiedError, ImplementationSpecific, NotAuthorized,
			TopicFilterInvalid, PacketIdentifierInUse, QuotaExceeded, SharedSubscriptionsNotSupported,
			SubscriptionIDsNotSupported, WildcardSubscriptionsNotSupported:
			return true
		}
	case UNSUBACK:
		switch r {
		case Success, NoSubscriptionExisted, UnspecifiedError, ImplementationSpecific, NotAuthorized,
			TopicFilterInvalid, PacketIdentifierInUse:
			return true
		}
	case DISCONNECT:
		return r.disconnect()
	case AUTH:
		return r == Success || r == ContinueAuthentication || r == ReAuthenticate
	}
	return false
}

func (r ReasonCode) connackTail() bool {
	switch r {
	case BadAuthenticationMethod, TopicNameInvalid, PacketTooLarge, QuotaExceeded, PayloadFormatInvalid,
		RetainNotSupported, QoSNotSupported, UseAnotherServer, ServerMoved, ConnectionRateExceeded:
		return true
	}
	return false
}

// disconnect lists the codes of DISCONNECT. Table 2-6 allows
// BadAuthenticationMethod there and section 3.14.2.1 leaves it out: it is taken.
func (r ReasonCode) disconnect() bool {
	switch r {
	case NormalDisconnection, DisconnectWithWill, UnspecifiedError, MalformedPacket, ProtocolError,
		ImplementationSpecific, NotAuthorized, ServerBusy:
		return true
	case PacketIdentifierInUse, PacketIdentifierNotFound:
		return false
	}
	return r >= ServerShuttingDown && r <= WildcardSubscriptionsNotSupported
}
