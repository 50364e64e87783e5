package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"gatehouse/devices"
)

// BrokerTopics has the tree of topics of the MQTT broker: what is published while
// somebody looks, and what is retained. cmd/server joins one to it.
type BrokerTopics interface {
	// Topics gives a page of the levels below a prefix. The first question begins to
	// count; a while after the last one what was counted is forgotten.
	Topics(ctx context.Context, q TopicQuery) (BrokerTopicPage, error)
}

// TopicQuery says which levels of the tree are wanted.
type TopicQuery struct {
	Prefix string `query:"prefix" maxLength:"65535" doc:"of the topics, with a slash at its end; empty: all" example:"gatehouse/v1/"`
	Text   string `query:"text" maxLength:"200" doc:"part of the whole topic, whatever its case"`
	Sort   string `query:"sort" enum:"name,rate,last" default:"name" doc:"rate: the most messages first; last: the newest message first"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Offset int    `query:"offset" minimum:"0" doc:"levels before the first one of the page"`
}

// BrokerTopicPage is a page of the levels below a prefix.
type BrokerTopicPage struct {
	Since    time.Time          `json:"since" doc:"when the counting began: with the first question after a minute without one"`
	Levels   []BrokerTopicLevel `json:"levels"`
	Matching int                `json:"matching" doc:"levels below the prefix that the text lets through"`
	Topics   int                `json:"topics" doc:"topics in them"`
	Known    int                `json:"known" doc:"topics that are kept, of the whole tree: at most 10,000"`
	Others   uint64             `json:"others" doc:"messages since then on topics that are not kept, because there are too many"`
	Unlisted bool               `json:"unlisted" doc:"not every topic with a retained message is kept"`
}

// BrokerTopicLevel is a level of the tree with all below it.
type BrokerTopicLevel struct {
	Level     string       `json:"level" doc:"name behind the prefix; levels that are the only way to go are one, with a slash between"`
	Prefix    string       `json:"prefix" doc:"to ask with for the levels below; empty: there are none"`
	Topics    int          `json:"topics" doc:"that end here or below"`
	Retained  int          `json:"retained" doc:"of these, with a retained message"`
	Messages  uint64       `json:"messages" doc:"on them since the counting began"`
	PerSecond float64      `json:"perSecond"`
	Last      *time.Time   `json:"last" doc:"when the last message came; null: none since"`
	Topic     *BrokerTopic `json:"topic" doc:"the topic that ends here; null: none does"`
}

// BrokerTopic is one topic.
type BrokerTopic struct {
	Topic         string     `json:"topic"`
	Messages      uint64     `json:"messages" doc:"since the counting began"`
	PerSecond     float64    `json:"perSecond"`
	Last          *time.Time `json:"last" doc:"when the last of them came; null: none since"`
	Size          int        `json:"size" doc:"bytes of the last payload; without one, of the retained one"`
	QoS           int        `json:"qos" doc:"of the publisher"`
	From          string     `json:"from" doc:"client that published it; empty: the server"`
	Retained      bool       `json:"retained" doc:"a message is retained"`
	Subscriptions int        `json:"subscriptions" doc:"that match it, those of absent clients too; the server itself counts where it takes the messages"`
}

func (s *Server) brokerTopicRoutes(a *api) {
	add(a, operation(http.MethodGet, "/broker/topics", "listTopics", "broker", "The tree of topics: what is published, and what is retained", 200),
		func(ctx context.Context, i *TopicQuery) (*out[BrokerTopicPage], error) {
			if i.Prefix != "" && !strings.HasSuffix(i.Prefix, "/") {
				return nil, &devices.Error{Op: "broker.topics", Code: devices.Invalid, Field: "prefix", Message: "must end with a slash, like gatehouse/v1/"}
			}
			p, err := s.deps.BrokerTopics.Topics(ctx, *i)
			return &out[BrokerTopicPage]{p}, err
		})
}
