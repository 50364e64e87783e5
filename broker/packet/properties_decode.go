package packet

// properties reads a property length and the properties in it; each of them must
// be in allowed. repeatIDs says that the subscription identifier may come more
// than once (only in PUBLISH).
func (c *cursor) properties(p *Properties, allowed propSet, repeatIDs bool) {
	length := int(c.varint("property length"))
	if length == 0 || c.err != nil {
		return
	}
	in := cursor{v: c.v, b: c.take(length, "properties")}
	var seen propSet
	for len(in.b) > 0 {
		id := in.varint("property identifier")
		if in.err != nil {
			break
		}
		bit := propSet(1) << id // 0 for every id above 63
		if bit&allowed == 0 {
			in.refuse(bit)
			break
		}
		if seen&bit != 0 && id != propUser && (id != propSubscriptionID || !repeatIDs) {
			in.fail(ProtocolError, in.v.broken(), propNames[id]+": is there twice")
			break
		}
		seen |= bit
		in.property(p, id)
	}
	if seen&(1<<propAuthData) != 0 && seen&(1<<propAuthMethod) == 0 && in.err == nil {
		in.fail(ProtocolError, in.v.broken(), "authentication data: there is no authentication method")
	}
	if in.err != nil {
		c.fail(in.err.Reason, in.err.Clause, in.err.Detail)
	}
}

// refuse tells an identifier that does not exist from one that is misplaced:
// both are malformed (MQTT 5.0, section 2.2.2.2).
func (c *cursor) refuse(bit propSet) {
	if bit&knownProps == 0 {
		c.malformed("property identifier: does not exist")
		return
	}
	c.malformed("property: not allowed in this packet")
}

// property reads the value of one property into its field.
func (c *cursor) property(p *Properties, id uint32) {
	what := propNames[id]
	switch id {
	case propPayloadFormat:
		p.PayloadFormat = c.bit(what)
	case propMessageExpiry:
		p.MessageExpiry = ptr(c.u32(what))
	case propContentType:
		p.ContentType = c.str(what)
		p.EmptyContentType = p.ContentType == ""
	case propResponseTopic:
		p.ResponseTopic = c.topicName(what, "MQTT-3.3.2-14", "")
		c.notEmpty(p.ResponseTopic, what)
	case propCorrelationData:
		p.CorrelationData = c.binary(what)
	case propSubscriptionID:
		p.SubscriptionIDs = append(p.SubscriptionIDs, nonZero(c, c.varint(what), what))
	case propTopicAlias:
		p.TopicAlias = c.u16(what)
		if p.TopicAlias == 0 {
			c.fail(TopicAliasInvalid, "MQTT-3.3.2-8", what+": is 0")
		}
	case propUser:
		p.User = append(p.User, UserProperty{c.str(what), c.str(what)})
	case propReasonString:
		p.ReasonString = c.str(what)
	case propWillDelay:
		p.WillDelay = c.u32(what)
	default:
		c.connectionProperty(p, id, what)
	}
}

// connectionProperty reads the properties that speak about the connection
// instead of a message.
func (c *cursor) connectionProperty(p *Properties, id uint32, what string) {
	switch id {
	case propSessionExpiry:
		p.SessionExpiry = ptr(c.u32(what))
	case propAuthMethod:
		p.AuthMethod = c.str(what)
	case propAuthData:
		p.AuthData = c.binary(what)
	case propRequestProblemInfo:
		p.RequestProblemInfo = c.bit(what)
	case propRequestResponseInfo:
		p.RequestResponseInfo = c.bit(what)
	case propReceiveMaximum:
		p.ReceiveMaximum = nonZero(c, c.u16(what), what)
	case propTopicAliasMaximum:
		p.TopicAliasMaximum = c.u16(what)
	case propMaximumPacketSize:
		p.MaximumPacketSize = nonZero(c, c.u32(what), what)
	case propAssignedClientID:
		p.AssignedClientID = c.str(what)
	case propServerKeepAlive:
		p.ServerKeepAlive = ptr(c.u16(what))
	case propResponseInfo:
		p.ResponseInfo = c.str(what)
	case propServerReference:
		p.ServerReference = c.str(what)
	case propMaximumQoS:
		p.MaximumQoS = c.bit(what)
	case propRetainAvailable:
		p.RetainAvailable = c.bit(what)
	case propWildcardSubAvailable:
		p.WildcardSubAvailable = c.bit(what)
	case propSubscriptionIDAvailable:
		p.SubscriptionIDAvailable = c.bit(what)
	case propSharedSubAvailable:
		p.SharedSubAvailable = c.bit(what)
	}
}

// bit reads a byte that is 0 or 1.
func (c *cursor) bit(what string) *byte {
	b := c.u8(what)
	if b > 1 {
		c.fail(ProtocolError, c.v.broken(), what+": is neither 0 nor 1")
	}
	return &b
}

// nonZero refuses a value whose zero the standard forbids.
func nonZero[T uint16 | uint32](c *cursor, n T, what string) T {
	if n == 0 && c.err == nil {
		c.fail(ProtocolError, c.v.broken(), what+": is 0")
	}
	return n
}

func ptr[T any](v T) *T { return &v }
