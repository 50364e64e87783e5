package edge

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/property"
)

// payloads are texts that other programs have fallen for.
var payloads = []string{
	`' OR '1'='1`, `" OR ""="`, `1; DROP TABLE operators;--`, `') UNION SELECT id,password,name,role FROM operators--`, `x' AND 1=randomblob(500000000)--`,
	`id DESC; SELECT 1`, `(SELECT password FROM operators LIMIT 1)`, `%27%20OR%201=1`, `\x00`, "a\x00b", `%`, `_`, `%%`, `*`, `"*`, `NEAR(`,
	`../../../../etc/passwd`, `..%2f..%2f..%2fetc%2fpasswd`, `....//....//etc/passwd`, `/etc/passwd`, `..\..\windows\win.ini`, `file:///etc/passwd`, `%2e%2e/data.key`,
	`../data.key`, `../../data.key`, `../setup-token`, `gatehouse.db`, `.`, `..`, `/`, `//`,
	`http://127.0.0.1:22/`, `http://169.254.169.254/latest/meta-data/`, `http://[::1]:8080/`, `gopher://127.0.0.1/`,
	`{{7*7}}`, `${7*7}`, `<script>alert(1)</script>`, `=cmd|'/c calc'!A1`, "\r\nSet-Cookie: a=b", "\u202e", "\ufeff", `🚪`, `NaN`, `-1`, `0`, `9223372036854775808`, `1e309`, `true`, `null`, `[]`, `{}`, ``,
}

// masses are fields that would give more than is asked for, if they were taken.
var masses = property.Body{
	"id": "x", "role": "administrator", "operator": "x", "actor": "x", "created": "2020-01-01T00:00:00Z", "disabled": false, "password": "x", "retired": false,
	"isAdmin": true, "verbs": []string{"access.manage"}, "site_id": "x", "__proto__": property.Body{"a": 1}, "constructor": "x", "$ref": "x",
}

// leaks are what no answer may hold: of the database, of Go, of the machine.
var leaks = regexp.MustCompile(`(?i)sqlite|SQL logic|near "|no such (table|column)|syntax error|constraint failed|gorm|goroutine \d|\.go:\d|runtime error|nil pointer|panic|/tmp/|/root/|/home/|root:x:0|\$argon2id|BEGIN [A-Z ]*PRIVATE`)

// nonsense asks an operation with one thing wrong in it.
type nonsense struct {
	operation
	query url.Values
	sent  []byte
	note  string
	mass  bool
}

func TestNoParameterGivesMoreThanItIsFor(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	h := open(t, property.Options{})
	site := h.Site("East")
	zone := h.Zone(site, "Garage")
	gate := h.Device(zone, "gate", "North")
	list, fields := operations(t)
	ids := map[string]string{"site": site, "zone": zone, "id": gate.ID}
	all := everyNonsense(list, fields, ids)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	n := min(len(all), prove.Size(700, len(all)))
	if len(all) < 5000 {
		t.Errorf("only %d requests can be made", len(all))
	}

	statuses := map[int]int{}
	broken, leaked, taken := 0, 0, 0
	me := h.SignIn()
	for _, x := range all[:n] {
		path := x.path
		if len(x.query) > 0 {
			path += "?" + x.query.Encode()
		}
		status, content, err := me.AskRaw(x.method, path, x.sent, contentType(x.sent), "Idempotency-Key", fmt.Sprintf("nonsense-%08d", random.IntN(1e8)))
		if err != nil {
			t.Fatalf("%s %s (%s): %v", x.method, path, x.note, err)
		}
		statuses[status/100]++
		if status >= 500 {
			broken++
			t.Errorf("%s %s (%s): %d %s", x.method, path, x.note, status, content)
		}
		if found := leaks.Find(without(content, x.note)); found != nil {
			leaked++
			t.Errorf("%s %s (%s): the answer has %q: %.300s", x.method, path, x.note, found, content)
		}
		if x.mass && status < 300 {
			taken++
			t.Errorf("%s %s (%s): %d: an unknown field was taken", x.method, path, x.note, status)
		}
	}
	me.Get("/session", nil)
	me.Get("/live/snapshot", nil)
	h.Healthy()
	prove.Record(t, "SQL, paths, addresses and unknown fields in every parameter and field give nothing", "at least 5,000 requests: 0 5xx, 0 leaks, 0 unknown fields taken",
		fmt.Sprintf("%d of %d requests: %d 5xx, %d leaks, %d taken; answers 2xx %d, 3xx %d, 4xx %d", n, len(all), broken, leaked, taken, statuses[2], statuses[3], statuses[4]))
}

func contentType(body []byte) string {
	if body == nil {
		return ""
	}
	return "application/json"
}

// without takes what was sent out of an answer that repeats it: it is no leak.
func without(content []byte, sent string) []byte {
	quoted, err := json.Marshal(sent)
	if err != nil {
		return content
	}
	text := strings.ReplaceAll(string(content), strings.Trim(string(quoted), `"`), "")
	return []byte(strings.ReplaceAll(text, sent, ""))
}

// harmful would end what the test stands on: its own session and account, and everybody's.
func harmful(o operation) bool {
	return o.path == "/session" && o.method == "DELETE" || strings.HasPrefix(o.path, "/session/") && o.method != "GET" || o.path == "/policy/factor" && o.method != "GET"
}

// everyNonsense makes each request: a payload in each part of the path, in each
// parameter of the query and in one that is unknown, in each field of the body, and
// each field that is too much.
func everyNonsense(list []operation, fields func(string) []string, ids map[string]string) (all []nonsense) {
	part := regexp.MustCompile(`\{([^}]*)\}`)
	filled := func(path string) string {
		return part.ReplaceAllStringFunc(path, func(p string) string {
			if id := ids[strings.Trim(p, "{}")]; id != "" {
				return id
			}
			return "nothing-here"
		})
	}
	for _, o := range list {
		if harmful(o) {
			continue
		}
		body := func(b property.Body) []byte {
			if o.body == "" {
				return nil
			}
			text, err := json.Marshal(b)
			if err != nil {
				return nil
			}
			return text
		}
		for i, p := range payloads {
			for _, at := range part.FindAllStringIndex(o.path, -1) {
				x := o
				x.path = filled(o.path[:at[0]]) + url.PathEscape(p) + filled(o.path[at[1]:])
				all = append(all, nonsense{operation: x, sent: body(property.Body{}), note: p})
			}
			x := o
			x.path = filled(o.path)
			for _, q := range append(o.query, "order", "sort") {
				all = append(all, nonsense{operation: x, query: url.Values{q: {p}}, sent: body(property.Body{}), note: p})
			}
			if o.body == "" {
				continue
			}
			for _, f := range fields(o.body) {
				b := property.Body{}
				for _, other := range fields(o.body) {
					b[other] = payloads[(i+1)%len(payloads)]
				}
				b[f] = p
				all = append(all, nonsense{operation: x, sent: body(b), note: p}, nonsense{operation: x, sent: body(property.Body{f: p}), note: p})
			}
		}
		if o.body == "" {
			continue
		}
		known := map[string]bool{}
		for _, f := range fields(o.body) {
			known[f] = true
		}
		for name, value := range masses {
			if !known[name] {
				x := o
				x.path = filled(o.path)
				all = append(all, nonsense{operation: x, sent: body(property.Body{name: value}), note: name, mass: true})
			}
		}
	}
	return all
}
