package web

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"
	"unicode/utf8"

	"gatehouse/devices"
)

// RetainedMessages has the retained messages of the MQTT broker; cmd/server joins
// one to it.
type RetainedMessages interface {
	// Retained gives at most limit messages by topic, of those behind after, and
	// whether there are more.
	Retained(ctx context.Context, filter, after string, limit int) (list []Retained, more bool, err error)
	// RetainedAt gives the message of one topic.
	RetainedAt(ctx context.Context, topic string) (Retained, error)
	// DeleteRetained removes one, after it was written into the audit trail.
	DeleteRetained(ctx context.Context, by devices.Actor, topic string) error
}

// Retained is a message as the broker keeps it.
type Retained struct {
	Topic       string
	Payload     []byte // not to be changed
	QoS         int
	ContentType string
	Expires     time.Time // zero: never
}

// RetainedMessage is a retained message for people.
type RetainedMessage struct {
	Topic       string     `json:"topic"`
	QoS         int        `json:"qos" doc:"0, 1 or 2"`
	Size        int        `json:"size" doc:"bytes of the payload"`
	Payload     string     `json:"payload" doc:"the payload, or its beginning: see encoding and truncated"`
	Encoding    string     `json:"encoding" enum:"text,base64" doc:"text if it is UTF-8"`
	Truncated   bool       `json:"truncated" doc:"the payload is longer than what is shown"`
	ContentType string     `json:"contentType" doc:"as its sender said; empty: it did not"`
	Expires     *time.Time `json:"expires" doc:"null: never"`
}

// RetainedList is a page of the retained messages, by topic.
type RetainedList struct {
	Messages []RetainedMessage `json:"messages"`
	More     bool              `json:"more" doc:"others follow: ask again with after, the last topic"`
}

// How many bytes of a payload are shown: in a list, and of one message.
const (
	listedPayload = 1 << 10
	shownPayload  = 256 << 10
)

type retainedRequest struct {
	Filter string `query:"filter" maxLength:"4096" default:"#" doc:"topic filter, with + and #; topics that begin with $ are found only by a filter that does"`
	After  string `query:"after" maxLength:"65535" doc:"topics behind this one"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type retainedTopicRequest struct {
	Topic string `query:"topic" required:"true" minLength:"1" maxLength:"65535"`
}

func (s *Server) brokerRetainedRoutes(a *api) {
	add(a, operation(http.MethodGet, "/broker/retained", "listRetained", "broker", "Retained messages by topic filter", 200),
		func(ctx context.Context, i *retainedRequest) (*out[RetainedList], error) {
			list, more, err := s.deps.RetainedMessages.Retained(ctx, i.Filter, i.After, i.Limit)
			shown := each(list, func(r Retained) RetainedMessage { return retainedOf(r, listedPayload) })
			return &out[RetainedList]{RetainedList{Messages: shown, More: more}}, err
		})
	add(a, operation(http.MethodGet, "/broker/retained/message", "getRetained", "broker", "The retained message of a topic", 200),
		func(ctx context.Context, i *retainedTopicRequest) (*out[RetainedMessage], error) {
			r, err := s.deps.RetainedMessages.RetainedAt(ctx, i.Topic)
			return &out[RetainedMessage]{retainedOf(r, shownPayload)}, err
		})
	add(a, operation(http.MethodDelete, "/broker/retained/message", "deleteRetained", "broker", "Remove the retained message of a topic; subscribers see an empty one", 204),
		func(ctx context.Context, i *retainedTopicRequest) (*none, error) {
			return nil, s.deps.RetainedMessages.DeleteRetained(ctx, actor(ctx), i.Topic)
		})
}

func retainedOf(r Retained, most int) RetainedMessage {
	m := RetainedMessage{Topic: r.Topic, QoS: r.QoS, Size: len(r.Payload), ContentType: r.ContentType, Expires: instantOrNull(r.Expires)}
	m.Payload, m.Encoding, m.Truncated = shownBytes(r.Payload, most)
	return m
}

// shownBytes gives bytes, or about the first most of them, as text if they are UTF-8.
func shownBytes(b []byte, most int) (shown, encoding string, truncated bool) {
	if truncated = len(b) > most; truncated {
		b = b[:most]
		if whole := wholeRunes(b); utf8.Valid(whole) {
			b = whole
		}
	}
	if utf8.Valid(b) {
		return string(b), "text", truncated
	}
	return base64.StdEncoding.EncodeToString(b), "base64", truncated
}

// wholeRunes leaves out a character that was cut.
func wholeRunes(b []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if last := b[len(b)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return b[:len(b)-n]
			}
			break
		}
	}
	return b
}
