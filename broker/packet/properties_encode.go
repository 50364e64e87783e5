package packet

// appendProperties writes the property length and those of the present
// properties that are in allowed. No property means an explicit zero
// (MQTT-2.2.2-1).
func appendProperties(dst []byte, p *Properties, allowed propSet) []byte {
	start := len(dst)
	w := propWriter{dst: append(dst, 0), allowed: allowed}
	w.message(p)
	w.connection(p)
	w.announcement(p)
	for i := range p.User {
		if w.key(propUser, true) {
			w.dst = appendString(w.dst, p.User[i].Name)
			w.dst = appendString(w.dst, p.User[i].Value)
		}
	}
	return sizeProperties(w.dst, start)
}

// sizeProperties puts the length before the properties, for which one byte was
// left free at start.
func sizeProperties(dst []byte, start int) []byte {
	n := len(dst) - start - 1
	if n < 0x80 {
		dst[start] = byte(n)
		return dst
	}
	var b [4]byte
	length := appendVarint(b[:0], uint32(n)) // finish takes back what is too long
	dst = append(dst, length[1:]...)
	copy(dst[start+len(length):], dst[start+1:start+1+n])
	copy(dst[start:], length)
	return dst
}

// propWriter appends the present ones of the properties that are allowed.
type propWriter struct {
	dst     []byte
	allowed propSet
}

// key writes the identifier of a property that is to be written.
func (w *propWriter) key(id byte, present bool) bool {
	if !present || w.allowed&(1<<id) == 0 {
		return false
	}
	w.dst = append(w.dst, id)
	return true
}

func (w *propWriter) u8(id byte, v *byte) {
	if w.key(id, v != nil) {
		w.dst = append(w.dst, *v)
	}
}

func (w *propWriter) u16(id byte, v uint16, present bool) {
	if w.key(id, present) {
		w.dst = appendU16(w.dst, v)
	}
}

func (w *propWriter) u32(id byte, v uint32, present bool) {
	if w.key(id, present) {
		w.dst = appendU32(w.dst, v)
	}
}

func (w *propWriter) u32p(id byte, v *uint32) {
	if v != nil {
		w.u32(id, *v, true)
	}
}

func (w *propWriter) str(id byte, v string) {
	if w.key(id, v != "") {
		w.dst = appendString(w.dst, v)
	}
}

func (w *propWriter) bin(id byte, v []byte) {
	if w.key(id, v != nil) {
		w.dst = appendBinary(w.dst, v)
	}
}

// message writes what travels with an application message.
func (w *propWriter) message(p *Properties) {
	w.u8(propPayloadFormat, p.PayloadFormat)
	w.u32p(propMessageExpiry, p.MessageExpiry)
	if w.key(propContentType, p.ContentType != "" || p.EmptyContentType) { // MQTT-3.3.2-20
		w.dst = appendString(w.dst, p.ContentType)
	}
	w.str(propResponseTopic, p.ResponseTopic)
	w.bin(propCorrelationData, p.CorrelationData)
	w.u16(propTopicAlias, p.TopicAlias, p.TopicAlias != 0)
	w.u32(propWillDelay, p.WillDelay, p.WillDelay != 0)
	for _, id := range p.SubscriptionIDs {
		if w.key(propSubscriptionID, id != 0 && id <= MaxLength) {
			w.dst = appendVarint(w.dst, id)
		}
	}
}

// connection writes what both sides say about the connection.
func (w *propWriter) connection(p *Properties) {
	w.u32p(propSessionExpiry, p.SessionExpiry)
	if w.key(propAuthMethod, p.AuthMethod != "" || p.AuthData != nil) { // data never goes without a method
		w.dst = appendString(w.dst, p.AuthMethod)
	}
	w.bin(propAuthData, p.AuthData)
	w.u8(propRequestProblemInfo, p.RequestProblemInfo)
	w.u8(propRequestResponseInfo, p.RequestResponseInfo)
	w.u16(propReceiveMaximum, p.ReceiveMaximum, p.ReceiveMaximum != 0)
	w.u16(propTopicAliasMaximum, p.TopicAliasMaximum, p.TopicAliasMaximum != 0)
	w.u32(propMaximumPacketSize, p.MaximumPacketSize, p.MaximumPacketSize != 0)
	w.str(propServerReference, p.ServerReference)
	w.str(propReasonString, p.ReasonString)
}

// announcement writes what only a CONNACK says.
func (w *propWriter) announcement(p *Properties) {
	w.str(propAssignedClientID, p.AssignedClientID)
	if p.ServerKeepAlive != nil {
		w.u16(propServerKeepAlive, *p.ServerKeepAlive, true)
	}
	w.str(propResponseInfo, p.ResponseInfo)
	w.u8(propMaximumQoS, p.MaximumQoS)
	w.u8(propRetainAvailable, p.RetainAvailable)
	w.u8(propWildcardSubAvailable, p.WildcardSubAvailable)
	w.u8(propSubscriptionIDAvailable, p.SubscriptionIDAvailable)
	w.u8(propSharedSubAvailable, p.SharedSubAvailable)
}
