package packet

// Check reports whether a message that was made in this program can be sent as
// it is: its QoS, its topic name, and the texts and sizes of its properties. The
// error is an *Error that names the field. A decoded message always can.
func (p *Publish) Check() error {
	if p.QoS > 2 {
		return &Error{ProtocolError, "MQTT-3.3.1-4", "QoS: is above 2"}
	}
	if e := p.checkSizes(); e != nil {
		return e
	}
	q := *p
	q.Payload, q.ID = nil, 1
	q.Dup = q.Dup && q.QoS > 0
	frame, _ := q.AppendHeader(nil, V5)
	if len(frame)+len(p.Payload) > MaxLength {
		return &Error{PacketTooLarge, "MQTT-4.13.1-1", "payload: larger than any packet"}
	}
	h, size, err := Peek(frame, 0)
	if err != nil {
		return err
	}
	return q.Decode(V5, h, frame[size-h.Length:size])
}

// checkSizes refuses fields that their two length bytes cannot say.
func (p *Publish) checkSizes() error {
	props := &p.Properties
	for _, f := range [...]struct {
		what string
		size int
	}{
		{"topic name", len(p.Topic)},
		{"content type", len(props.ContentType)},
		{"response topic", len(props.ResponseTopic)},
		{"correlation data", len(props.CorrelationData)},
	} {
		if f.size > maxField {
			return tooLong(f.what)
		}
	}
	size := 0
	for _, u := range props.User {
		if len(u.Name) > maxField || len(u.Value) > maxField {
			return tooLong("user property")
		}
		size += len(u.Name) + len(u.Value)
	}
	if size > MaxLength {
		return &Error{PacketTooLarge, "MQTT-4.13.1-1", "user properties: larger than any packet"}
	}
	return nil
}

func tooLong(what string) error {
	return &Error{MalformedPacket, "MQTT-4.13.1-1", what + ": longer than 65,535 bytes"}
}
