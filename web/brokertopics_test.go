package web

import (
	"testing"

	"gatehouse/devices/operators"
)

func TestTopicsAreShownLevelByLevel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/broker/topics", "").is(200, `{"since":"2026-11-21T12:00:00Z","levels":[{"level":"a","prefix":"a/","topics":2,"retained":1,"messages":5,
		"perSecond":2.5,"last":"2026-11-21T12:00:00Z","topic":{"topic":"a","messages":3,"perSecond":1.5,"last":"2026-11-21T12:00:00Z","size":4,"qos":1,
		"from":"d1","retained":true,"subscriptions":2}}],"matching":9,"topics":10,"known":11,"others":12,"unlisted":true}`)
	if want := (TopicQuery{Sort: "name", Limit: 50}); h.broker.asked != want {
		t.Errorf("asked %+v", h.broker.asked)
	}
	h.admin("GET", "/broker/topics?prefix=a%2F&text=x&sort=rate&limit=7&offset=3", "").wants(200)
	if want := (TopicQuery{Prefix: "a/", Text: "x", Sort: "rate", Limit: 7, Offset: 3}); h.broker.asked != want {
		t.Errorf("asked %+v", h.broker.asked)
	}
	h.admin("GET", "/broker/topics?prefix=a", "").names("query.prefix")
	h.admin("GET", "/broker/topics?sort=beauty", "").names("query.sort")
	h.admin("GET", "/broker/topics?limit=201", "").names("query.limit")
	h.do("GET", "/api/v1/broker/topics", "", as(operators.Manager)).wants(200)
	h.do("GET", "/api/v1/broker/topics", "", as(operators.Guard)).problem(403, "forbidden")
}
