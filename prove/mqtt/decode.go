package mqtt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// frame finds the first packet in b: its first byte and its body, and the length
// of both with what is between. A size of 0 says that more bytes are needed.
func frame(b []byte, v Version) (first byte, body []byte, size int, err error) {
	length := 0
	for k := 1; k < len(b); k++ {
		length |= int(b[k]&0x7f) << (7 * (k - 1))
		if b[k]&0x80 != 0 {
			if k == 4 {
				return 0, nil, 0, fmt.Errorf("remaining length of at most 4 bytes expected, % x came", b[1:5])
			}
			continue
		}
		if v == V5 && k > 1 && b[k] == 0 { // MQTT-1.5.5-1
			return 0, nil, 0, fmt.Errorf("remaining length in as few bytes as possible expected, % x came", b[1:k+1])
		}
		if size = k + 1 + length; len(b) < size {
			return 0, nil, 0, nil
		}
		return b[0], b[k+1 : size], size, nil
	}
	return 0, nil, 0, nil
}

// parse reads one packet that a server sent.
func parse(v Version, first byte, body []byte) (p Packet, err error) {
	p.Type = Type(first >> 4)
	flags := first & 0x0f
	if p.Type != PUBLISH && flags != requiredFlags(p.Type) {
		return p, fmt.Errorf("%s with flags %d expected, %d came", p.Type, requiredFlags(p.Type), flags)
	}
	switch p.Type {
	case PUBLISH:
		err = parsePublish(v, flags, body, &p)
	case PUBACK, PUBREC, PUBREL, PUBCOMP:
		err = parseAck(v, body, &p)
	case SUBACK, UNSUBACK:
		err = parseSubAck(v, body, &p)
	case CONNACK:
		err = parseConnAck(v, body, &p)
	case PINGRESP:
		if len(body) != 0 {
			err = fmt.Errorf("PINGRESP without a body expected, % x came", body)
		}
	case DISCONNECT, AUTH:
		err = parseDisconnect(v, body, &p)
	default:
		err = fmt.Errorf("a packet that a server may send expected, %s came", p.Type)
	}
	return p, err
}

func parsePublish(v Version, flags byte, body []byte, p *Packet) error {
	m := Publish{QoS: flags >> 1 & 3, Dup: flags&8 != 0, Retain: flags&1 != 0}
	if m.QoS == 3 || m.QoS == 0 && m.Dup { // MQTT-3.3.1-4, MQTT-3.3.1-2
		return fmt.Errorf("PUBLISH with QoS 0 to 2 and DUP only above 0 expected, flags %04b came", flags)
	}
	if len(body) < 2 || len(body)-2 < int(binary.BigEndian.Uint16(body)) {
		return fmt.Errorf("PUBLISH with a whole topic expected, %d bytes came", len(body))
	}
	end := 2 + int(binary.BigEndian.Uint16(body))
	m.Topic, body = body[2:end], body[end:]
	if len(m.Topic) == 0 && v != V5 || bytes.ContainsAny(m.Topic, "+#\x00") || !utf8.Valid(m.Topic) {
		return fmt.Errorf("PUBLISH with a topic name expected, %q came", m.Topic)
	}
	if m.QoS > 0 {
		if len(body) < 2 || binary.BigEndian.Uint16(body) == 0 { // MQTT-2.3.1-1
			return fmt.Errorf("PUBLISH with QoS %d and a packet identifier expected, none came", m.QoS)
		}
		m.ID, body = binary.BigEndian.Uint16(body), body[2:]
	}
	if v == V5 {
		var err error
		if m.Properties, body, err = splitProperties(body); err != nil {
			return err
		}
		p.Properties = m.Properties
	}
	m.Payload = body
	p.ID, p.Publish = m.ID, m
	return nil
}

func parseAck(v Version, body []byte, p *Packet) error {
	if len(body) < 2 || v != V5 && len(body) != 2 {
		return fmt.Errorf("%s with a packet identifier expected, % x came", p.Type, body)
	}
	if p.ID = binary.BigEndian.Uint16(body); p.ID == 0 {
		return fmt.Errorf("%s with a packet identifier above 0 expected, 0 came", p.Type)
	}
	if len(body) > 2 {
		p.Code = body[2]
	}
	if len(body) > 3 {
		var err error
		if p.Properties, body, err = splitProperties(body[3:]); err != nil || len(body) > 0 {
			return fmt.Errorf("%s that ends with its properties expected, % x came after them: %w", p.Type, body, err)
		}
	}
	return nil
}

func parseSubAck(v Version, body []byte, p *Packet) error {
	if len(body) < 2 || binary.BigEndian.Uint16(body) == 0 {
		return fmt.Errorf("%s with a packet identifier expected, % x came", p.Type, body)
	}
	p.ID, p.Codes = binary.BigEndian.Uint16(body), body[2:]
	if v == V5 {
		var err error
		p.Properties, p.Codes, err = splitProperties(p.Codes)
		return err
	}
	if p.Type == UNSUBACK && len(p.Codes) > 0 {
		return fmt.Errorf("UNSUBACK without a payload expected, % x came", p.Codes)
	}
	for _, code := range p.Codes {
		if code > 2 && code != 0x80 { // MQTT-3.9.3-2
			return fmt.Errorf("SUBACK with return codes 0, 1, 2 or 128 expected, %d came", code)
		}
	}
	return nil
}

func parseConnAck(v Version, body []byte, p *Packet) error {
	if len(body) < 2 || v != V5 && len(body) != 2 || body[0] > 1 {
		return fmt.Errorf("CONNACK with flags and a code expected, % x came", body)
	}
	p.Session, p.Code = body[0] == 1, body[1]
	if p.Session && p.Code != 0 { // MQTT-3.2.2-4
		return fmt.Errorf("CONNACK without a session when refused with code %d expected", p.Code)
	}
	if v != V5 {
		return nil
	}
	var err error
	if p.Properties, body, err = splitProperties(body[2:]); err != nil || len(body) > 0 {
		return fmt.Errorf("CONNACK that ends with its properties expected, % x came after them: %w", body, err)
	}
	return nil
}

// parseDisconnect reads DISCONNECT and AUTH: only a server of version 5 may send
// them.
func parseDisconnect(v Version, body []byte, p *Packet) error {
	if v != V5 {
		return fmt.Errorf("a packet that a server may send expected, %s came", p.Type)
	}
	if len(body) > 0 {
		p.Code = body[0]
	}
	if len(body) > 1 {
		var err error
		p.Properties, _, err = splitProperties(body[1:])
		return err
	}
	return nil
}
