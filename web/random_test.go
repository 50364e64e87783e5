package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gatehouse/prove"
)

// Whatever is sent to whatever route: an answer that the document knows, never a
// panic, never "internal".
func TestRandomRequestsAreAnsweredAsDocumented(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	rnd := rand.New(rand.NewPCG(uint64(seed), 1))
	h := newHouse(t)
	routes := slices.SortedFunc(maps.Keys(accessTable()), func(a, b route) int { return strings.Compare(a.method+a.path, b.method+b.path) })
	n := prove.Size(3000, 100_000)
	for range n {
		r := routes[rnd.IntN(len(routes))]
		path := strings.ReplaceAll(r.address(), "d1", url.PathEscape(pick(rnd, "d1", "k1", "i1", "c1", "e1", "p1", "x", "汉", "..", strings.Repeat("y", 70))))
		if rnd.IntN(3) == 0 {
			query := url.Values{pick(rnd, fields...): {randomText(rnd)}, "limit": {pick(rnd, "1", "0", "-1", "x", "9999999999999999999999")}}
			path += "?" + query.Encode()
		}
		body := ""
		if r.method != http.MethodGet {
			b, err := json.Marshal(randomValue(rnd, 3))
			if err != nil {
				t.Fatal(err)
			}
			body = string(b[:len(b)-rnd.IntN(2)*rnd.IntN(2)])
		}
		a := h.do(r.method, path, body, as("administrator"), header("Idempotency-Key", pick(rnd, "press-0001", "", "short")))
		if a.status == http.StatusInternalServerError || strings.Contains(a.body, "goroutine") {
			t.Fatalf("%s %s %s: status %d, %s", r.method, path, body, a.status, a.body)
		}
		if t.Failed() {
			t.Fatalf("%s %s %s", r.method, path, body)
		}
	}
	prove.Record(t, "whatever is sent to whatever route, the answer is one that the API's document knows", "0 panics, 0 internal errors",
		fmt.Sprintf("%d random requests, 0 and 0", n))
}

// fields are the names that requests know, and one that they do not.
var fields = []string{
	"token", "name", "password", "language", "timeZone", "zone", "kind", "action", "args", "reason", "ttlMs", "device", "cron",
	"paused", "skipLateSeconds", "sites", "site", "before", "from", "to", "unknown",
}

func pick(rnd *rand.Rand, list ...string) string { return list[rnd.IntN(len(list))] }

func randomText(rnd *rand.Rand) string {
	return pick(rnd, "", "a", "d1", "s1", "open", "pass", "in", "gate", "en", "UTC", "30 7 * * *", "@daily", "2026-11-21T12:00:00Z", "\x00", "\u202e", "汉字",
		"' OR 1=1 --", strings.Repeat("z", rnd.IntN(400)))
}

func randomValue(rnd *rand.Rand, depth int) any {
	switch n := rnd.IntN(10); {
	case depth == 3 || (n < 2 && depth > 0): // a request is an object
		m := map[string]any{}
		for range rnd.IntN(7) {
			m[pick(rnd, fields...)] = randomValue(rnd, depth-1)
		}
		return m
	case n < 3 && depth > 0:
		list := make([]any, rnd.IntN(3))
		for i := range list {
			list[i] = randomValue(rnd, depth-1)
		}
		return list
	case n < 4:
		return rnd.Int64() - rnd.Int64()
	case n < 5:
		return pick(rnd, "x", "y") == "x"
	case n < 6:
		return nil
	}
	return randomText(rnd)
}
