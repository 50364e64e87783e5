package packet

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
	CleanStart  bool   // Clean Session in 3.x
	KeepAlive   uint16 // seconds; 0 turns the mechanism off
	ClientID    string
	HasUsername bool
	Username    string
	HasPassword bool
	Password    []byte
	Will        *Will
	Properties  Properties
}

// The bits of the connect flags (MQTT 5.0, section 3.1.2.3).
const (
	connectReserved   = 0x01
	connectCleanStart = 0x02
	connectWill       = 0x04
	connectWillRetain = 0x20
	connectPassword   = 0x40
	connectUsername   = 0x80
)

// Decode reads a CONNECT of any version. Password, Will.Payload and binary
// properties alias body.
//
// After an error p.Version says in which form the client can be told: it is 0 if
// the protocol name is not MQTT's (MQTT-3.1.2-1: nothing is answered), and the
// nearest version that exists if the level is unknown (MQTT-3.1.2-2). 3.x clients
// are told only what a return code can say; see ReasonCode.ReturnCode.
func (p *Connect) Decode(h Header, body []byte) error {
	*p = Connect{}
	c := open(V311, CONNECT, h, body)
	p.version(&c)
	flags := c.u8("connect flags")
	p.checkFlags(&c, flags)
	p.CleanStart = flags&connectCleanStart != 0
	p.KeepAlive = c.u16("keep alive")
	if p.Version >= V5 {
		c.properties(&p.Properties, connectProps, false)
	}
	p.ClientID = c.str("client identifier")
	if flags&connectWill != 0 {
		p.will(&c, flags)
	}
	if flags&connectUsername != 0 {
		p.HasUsername, p.Username = true, c.str("user name")
	}
	if flags&connectPassword != 0 {
		p.HasPassword, p.Password = true, c.binary("password")
	}
	if err := c.end(); err != nil {
		return err
	}
	return p.checkClientID()
}

// version reads the protocol name and level.
func (p *Connect) version(c *cursor) {
	name := string(c.binary("protocol name"))
	level := Version(c.u8("protocol level"))
	if c.err != nil {
		return
	}
	switch {
	case name == "MQTT" && (level == V311 || level == V5), name == "MQIsdp" && level == V31:
		p.Version, c.v = level, level
	case name != "MQTT" && name != "MQIsdp":
		c.fail(UnsupportedProtocolVersion, "MQTT-3.1.2-1", "protocol name: is neither MQTT nor MQIsdp")
	default:
		p.Version = V311
		if name == "MQTT" && level > V5 && level < 0x80 { // levels with the high bit are bridges of 3.x
			p.Version = V5
		}
		c.fail(UnsupportedProtocolVersion, "MQTT-3.1.2-2", "protocol level: is not one of 3, 4 and 5")
	}
}

func (p *Connect) checkFlags(c *cursor, flags byte) {
	if c.err != nil {
		return
	}
	v, qos := p.Version, flags>>3&3
	switch {
	case flags&connectReserved != 0:
		c.fail(MalformedPacket, "MQTT-3.1.2-3", "connect flags: the reserved bit is set")
	case qos == 3:
		c.fail(MalformedPacket, v.clause("MQTT-3.1.2-14", "MQTT-3.1.2-12"), "connect flags: will QoS 3 does not exist")
	case flags&connectWill == 0 && qos != 0:
		c.fail(MalformedPacket, v.clause("MQTT-3.1.2-13", "MQTT-3.1.2-11"), "connect flags: will QoS without a will")
	case flags&connectWill == 0 && flags&connectWillRetain != 0:
		c.fail(MalformedPacket, v.clause("MQTT-3.1.2-15", "MQTT-3.1.2-13"), "connect flags: will retain without a will")
	case v < V5 && flags&connectPassword != 0 && flags&connectUsername == 0:
		c.fail(MalformedPacket, "MQTT-3.1.2-22", "connect flags: a password without a user name")
	}
}

func (p *Connect) will(c *cursor, flags byte) {
	p.Will = &Will{QoS: QoS(flags >> 3 & 3), Retain: flags&connectWillRetain != 0}
	if p.Version >= V5 {
		c.properties(&p.Will.Properties, willProps, false)
	}
	p.Will.Topic = c.topicName("will topic", p.Version.clause("MQTT-4.7.1-1", "MQTT-4.7.0-1"), "")
	c.notEmpty(p.Will.Topic, "will topic")
	p.Will.Payload = c.binary("will payload")
}

// checkClientID refuses the empty client identifiers that the versions forbid.
func (p *Connect) checkClientID() error {
	if p.ClientID != "" || p.Version >= V5 {
		return nil
	}
	if p.Version == V311 && p.CleanStart {
		return nil
	}
	return &Error{ClientIdentifierNotValid, "MQTT-3.1.3-8", "client identifier: is empty, and the session is to be kept"}
}

// Append appends the packet in the form of p.Version.
func (p *Connect) Append(dst []byte) []byte {
	dst, start := begin(dst)
	if p.Version == V31 {
		dst = appendString(dst, "MQIsdp")
	} else {
		dst = appendString(dst, "MQTT")
	}
	dst = append(dst, byte(p.Version), p.flags())
	dst = appendU16(dst, p.KeepAlive)
	if p.Version >= V5 {
		dst = appendProperties(dst, &p.Properties, connectProps)
	}
	dst = appendString(dst, p.ClientID)
	if w := p.Will; w != nil {
		if p.Version >= V5 {
			dst = appendProperties(dst, &w.Properties, willProps)
		}
		dst = appendString(dst, w.Topic)
		dst = appendBinary(dst, w.Payload)
	}
	if p.HasUsername {
		dst = appendString(dst, p.Username)
	}
	if p.HasPassword {
		dst = appendBinary(dst, p.Password)
	}
	dst, _ = finish(dst, start, CONNECT, 0, 0)
	return dst
}

func (p *Connect) flags() (flags byte) {
	if p.CleanStart {
		flags |= connectCleanStart
	}
	if p.Will != nil {
		flags |= connectWill | byte(p.Will.QoS&3)<<3
		if p.Will.Retain {
			flags |= connectWillRetain
		}
	}
	if p.HasUsername {
		flags |= connectUsername
	}
	if p.HasPassword {
		flags |= connectPassword
	}
	return flags
}
