package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

const brokerClientJSON = `{"client":"d1","identity":"device:d1","deviceName":"North in","address":"192.0.2.7:4711","listener":"mqtt","protocol":"5.0",
	"connected":true,"since":"2026-11-21T12:00:00Z","cause":"kicked","keepAliveSeconds":60,"filters":2,"queued":3,"inFlight":1,"dropped":4,"takeOvers":5,"contested":true}`

func TestBrokerClientsAreFilteredSortedAndPaged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/broker/clients?text=north", "").is(200, `{"clients":[`+brokerClientJSON+`],"matching":1,"connected":2,"sessions":3}`)
	h.admin("GET", "/broker/clients?text=nobody", "").is(200, `{"clients":[],"matching":0,"connected":2,"sessions":3}`)
	for query, want := range map[string]string{
		"":                              "abc d1 zeta",
		"order=desc":                    "zeta d1 abc",
		"state=connected":               "d1 zeta",
		"state=absent":                  "abc",
		"text=INTEGRATOR":               "abc zeta",
		"text=198.51":                   "zeta",
		"sort=identity":                 "abc zeta d1",
		"sort=address":                  "abc d1 zeta",
		"sort=since&order=desc":         "d1 abc zeta",
		"sort=queued&order=desc":        "abc d1 zeta",
		"sort=inFlight&order=desc":      "d1 abc zeta",
		"sort=dropped&order=desc":       "zeta d1 abc",
		"sort=takeOvers&order=desc":     "d1 abc zeta",
		"limit=1&offset=1":              "d1",
		"limit=2&offset=2":              "zeta",
		"offset=9":                      "",
		"sort=dropped&limit=1&offset=0": "abc",
	} {
		var list BrokerClientList
		if err := json.Unmarshal([]byte(h.admin("GET", "/broker/clients?"+query, "").wants(200).body), &list); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range list.Clients {
			got = append(got, c.Client)
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: got %v, want %s", query, got, want)
		}
	}
	h.admin("GET", "/broker/clients?sort=beauty", "").names("query.sort")
	h.admin("GET", "/broker/clients?limit=0", "").names("query.limit")
}

func TestBrokerClientIsFoundByAnyIdentifier(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/broker/clients/d1", "").is(200, `{"client":`+brokerClientJSON+`,"sessionExpirySeconds":3600,"subscriptions":[
		{"filter":"a/#","qos":1,"noLocal":false,"retainAsPublished":false,"retainHandling":0,"identifier":7,"attached":false}]}`)
	for path, id := range map[string]string{
		"a%2Fb": "a/b", "a+b%2Fc%20d": "a+b/c d", "a+b": "a+b", "a%2Bb": "a+b", "%25": "%", "%E9%97%B8": "闸", "a%3Fb%23": "a?b#",
	} {
		if h.admin("GET", "/broker/clients/"+path, "").wants(200); h.broker.asked != id {
			t.Errorf("%s: asked for %q, want %q", path, h.broker.asked, id)
		}
		if h.admin("POST", "/broker/clients/"+path+"/kick", `{"reason":"server_busy"}`).wants(204); h.broker.kicked != id {
			t.Errorf("%s: kicked %q, want %q", path, h.broker.kicked, id)
		}
	}
	h.admin("GET", "/broker/clients/nobody", "").problem(404, "not_found")
}

func TestBrokerClientIsKickedByItsActorWithAReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/broker/clients/d1/kick", `{"reason":"quota_exceeded"}`).wants(http.StatusNoContent)
	if h.broker.kicked != "d1" || h.broker.reason != KickQuota || h.broker.actor != wang {
		t.Errorf("%q was kicked for %q by %+v", h.broker.kicked, h.broker.reason, h.broker.actor)
	}
	h.admin("POST", "/broker/clients/d1/kick", `{"reason":"dislike"}`).names("body.reason")
	h.admin("POST", "/broker/clients/d1/kick", `{}`).names("body")
	h.broker.err = refusal(devices.Conflict, "", "the client is not connected")
	h.admin("POST", "/broker/clients/d1/kick", `{"reason":"server_busy"}`).problem(409, "conflict")
}

func TestRetainedMessagesAreShownAsTextOrBytes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("GET", "/broker/retained", "").is(200, `{"messages":[
		{"topic":"a","qos":1,"size":4,"payload":"open","encoding":"text","truncated":false,"contentType":"text/plain","expires":"2026-11-21T13:00:00Z"},
		{"topic":"b","qos":0,"size":2,"payload":"//4=","encoding":"base64","truncated":false,"contentType":"","expires":null}],"more":true}`)
	if want := [3]any{"#", "", 50}; h.broker.asked != want {
		t.Errorf("asked %v", h.broker.asked)
	}
	h.admin("GET", "/broker/retained?filter=a/%2B/%23&after=a%2Fb&limit=7", "").wants(200)
	if want := [3]any{"a/+/#", "a/b", 7}; h.broker.asked != want {
		t.Errorf("asked %v", h.broker.asked)
	}
	h.admin("GET", "/broker/retained/message?topic=a", "").is(200,
		`{"topic":"a","qos":1,"size":4,"payload":"open","encoding":"text","truncated":false,"contentType":"","expires":null}`)
	h.admin("GET", "/broker/retained/message?topic=z", "").problem(404, "not_found")
	h.admin("GET", "/broker/retained/message", "").names("query.topic")
	h.broker.err = refusal(devices.Invalid, "filter", "# must be the last level")
	h.admin("GET", "/broker/retained?filter=%23/a", "").names("query.filter")
}

func TestRetainedMessageIsRemovedByItsActor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("DELETE", "/broker/retained/message?topic=a%2Fb", "").wants(http.StatusNoContent)
	if h.broker.deleted != "a/b" || h.broker.actor != wang {
		t.Errorf("%q was removed by %+v", h.broker.deleted, h.broker.actor)
	}
	h.broker.err = refusal(devices.Invalid, "topic", "has no wildcards")
	h.admin("DELETE", "/broker/retained/message?topic=%23", "").names("query.topic")
}

func TestLongPayloadsAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		payload  string
		shown    string
		encoding string
		cut      bool
	}{
		"short":                 {"闸门", "闸门", "text", false},
		"nothing":               {"", "", "text", false},
		"cut at a character":    {"abc闸门", "abc闸", "text", true},
		"cut in a character":    {"abcd闸门", "abcd", "text", true},
		"cut in the first":      {"abcde😀x", "abcde", "text", true},
		"bytes":                 {"\xff\x00", base64.StdEncoding.EncodeToString([]byte("\xff\x00")), "base64", false},
		"bytes, cut":            {"\xff\xff\xff\xff\xff\xff\xff", base64.StdEncoding.EncodeToString([]byte("\xff\xff\xff\xff\xff\xff")), "base64", true},
		"ends in half of one":   {"abc\xe9\x97", base64.StdEncoding.EncodeToString([]byte("abc\xe9\x97")), "base64", false},
		"continuations, cut":    {"\x80\x80\x80\x80\x80\x80\x80\x80", base64.StdEncoding.EncodeToString([]byte("\x80\x80\x80\x80\x80\x80")), "base64", true},
		"exactly what is shown": {"abcdef", "abcdef", "text", false},
	} {
		if shown, encoding, cut := shownBytes([]byte(c.payload), 6); shown != c.shown || encoding != c.encoding || cut != c.cut {
			t.Errorf("%s: %q as %s, cut %v", name, shown, encoding, cut)
		}
	}
}

func TestBrokerStatsCountByReason(t *testing.T) {
	t.Parallel()
	newHouse(t).admin("GET", "/broker/stats", "").is(200, `{"since":"2026-11-21T12:00:00Z","connections":1,"sessions":2,"subscriptions":3,
		"retained":4,"retainedBytes":5,"takeOvers":11,"contested":12,"received":6,"published":7,"delivered":8,
		"refused":[{"reason":"login","count":9}],"dropped":[{"reason":"queue full","count":10}]}`)
}

func TestATraceIsStartedReadAndStopped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const trace = `{"client":"d1","filter":"a/#","startedBy":"Wang","started":"2026-11-21T12:00:00Z","ends":"2026-11-21T12:01:00Z","running":true,
		"missed":1,"events":[{"at":"2026-11-21T12:00:00Z","message":7,"step":"matched","from":"d1","client":"","topic":"a","qos":1,"size":4,"receivers":2,"reason":""}]}`
	h.admin("GET", "/broker/trace", "").is(200, `{"trace":null}`)
	h.admin("POST", "/broker/trace", `{"client":"d1","filter":"a/#","seconds":60}`).is(201, trace)
	if want := (NewTrace{Client: "d1", Filter: "a/#", Seconds: 60, Limit: 500}); h.broker.trace != want || h.broker.actor != wang {
		t.Errorf("%+v by %+v", h.broker.trace, h.broker.actor)
	}
	h.admin("GET", "/broker/trace", "").is(200, `{"trace":`+trace+`}`)
	h.admin("POST", "/broker/trace", `{"client":"d1"}`).wants(201)
	if h.broker.trace.Seconds != 120 {
		t.Errorf("%+v", h.broker.trace)
	}
	h.admin("POST", "/broker/trace", `{"client":"d1","seconds":9999}`).names("body.seconds")
	h.admin("POST", "/broker/trace", `{"client":"d1","limit":1}`).names("body.limit")
	h.admin("DELETE", "/broker/trace", "").wants(http.StatusNoContent)
	if !h.broker.stopped {
		t.Error("it goes on")
	}
	h.broker.err = refusal(devices.NotFound, "", "no trace runs")
	h.admin("DELETE", "/broker/trace", "").problem(404, "not_found")
	h.broker.err = refusal(devices.Invalid, "filter", "has a # that is not the whole last level")
	h.admin("POST", "/broker/trace", `{"filter":"#/a"}`).names("body.filter")
}

func TestManagersSeeTheBrokerAndChangeNothingOfIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	manager := as(operators.Manager)
	h.do("GET", "/api/v1/broker/clients", "", manager).wants(200)
	h.do("POST", "/api/v1/broker/clients/d1/kick", `{"reason":"server_busy"}`, manager).problem(403, "forbidden")
	h.do("DELETE", "/api/v1/broker/retained/message?topic=a", "", manager).problem(403, "forbidden")
	h.do("GET", "/api/v1/broker/clients", "", as(operators.Guard)).problem(403, "forbidden")
}
