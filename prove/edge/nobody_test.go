package edge

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/property"
)

// inside are paths at which other programs show what is inside them.
var inside = []string{
	"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/debug/requests", "/status", "/server-status", "/health", "/healthz", "/info", "/env", "/config", "/trace",
	"/actuator", "/actuator/env", "/.git/HEAD", "/.git/config", "/.env", "/data.key", "/setup-token", "/gatehouse.db", "/gatehouse.db-wal", "/devices.json", "/data/data.key",
	"/api/v1/metrics", "/api/v1/debug", "/api/v1/config", "/swagger", "/swagger.json", "/openapi.json", "/docs", "/graphql", "/console", "/h2-console", "/phpinfo.php", "/web.config",
	"/assets/../data.key", "/assets/%2e%2e/%2e%2e/data.key", "/..%2f..%2fetc/passwd", "//etc/passwd", "/static/..;/data.key", "/index.html.gz", "/.keep", "/assets/", "/dist/",
}

func TestNobodyAndNoDeviceSeesTheInside(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	site := h.Site("Lantern Quay")
	mine, other := h.Device(h.Zone(site, "Orchard Gate"), "gate", "Heron"), h.Device(h.Zone(h.Site("Kettle Hill"), "Yard"), "gate", "Plover")
	hidden := regexp.MustCompile(`(?i)` + strings.Join([]string{"Lantern Quay", "Orchard Gate", "Heron", "Kettle Hill", "Plover", "founder", site, mine.ID, other.ID, mine.Password,
		regexp.QuoteMeta(h.Dir()), "goroutine", `\.go:`, "root:x"}, "|"))
	seen, tried := 0, 0
	judge := func(what string, status int, header http.Header, body string) {
		tried++
		if found := hidden.FindString(body + fmt.Sprint(header)); found != "" {
			seen++
			t.Errorf("%s: %d shows %q: %.200s", what, status, found, body)
		}
	}
	c, base := nobody(t), "http://"+httpAddress(h.Server())
	for _, path := range inside {
		for _, accept := range []string{"*/*", "text/html"} {
			status, header, body := ask(t, c, "GET", base+path, "", "Accept", accept)
			judge(path, status, header, body)
			if page := strings.Contains(header.Get("Content-Type"), "text/html"); status < 300 && !page {
				seen++
				t.Errorf("%s: %d %s %.200s", path, status, header.Get("Content-Type"), body)
			}
		}
	}
	list, _ := operations(t)
	for _, o := range list {
		path := strings.NewReplacer("{id}", mine.ID, "{site}", site).Replace(o.path)
		status, header, body := ask(t, c, o.method, base+"/api/v1"+regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x"), map[bool]string{true: "{}"}[o.body != ""])
		judge(o.method+" "+o.path, status, header, body)
		if public := strings.HasPrefix(o.path, "/setup") || o.path == "/openapi.yaml" || o.path == "/session" && o.method == "POST" ||
			o.path == "/booth" || o.path == "/booth/session"; !public && status != http.StatusUnauthorized {
			seen++
			t.Errorf("%s %s as nobody: %d %.200s", o.method, o.path, status, body)
		}
	}
	topics, refused := insideOfTheBroker(t, h, mine, other)
	h.Healthy()
	if topics > 0 {
		t.Errorf("a device was sent %d messages of others", topics)
	}
	prove.Record(t, "metrics, debugging, files, the API and $SYS show nobody and no device anything", "0 topics, addresses, ids and secrets seen",
		fmt.Sprintf("%s answers show something; %d filters refused a device, %d messages sent to it", of(seen, tried), refused, topics))
}

// insideOfTheBroker has a device ask for what is not its own, and gives how many messages
// it was sent, and how many filters it was refused.
func insideOfTheBroker(t *testing.T, h *property.House, mine, other property.Device) (sent, refused int) {
	t.Helper()
	c, err := mine.Connect(h.MQTT(), mqtt.V5, false)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	filters := []string{"$SYS/#", "$SYS/broker/clients/connected", "#", "+/#", "gatehouse/#", "gatehouse/v1/feed/#", "$share/g/#", "$share/g/$SYS/#", other.TopicPrefix + "/#", "gatehouse/v1/devices/+/+/state", "$CONTROL/#"}
	for i, f := range filters {
		c.Subscribe(uint16(i+1), 1, f)
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			p, err := c.Read()
			switch {
			case err != nil:
				t.Fatal(err)
			case p.Type == mqtt.SUBACK:
				if done = true; p.Codes[0] >= 0x80 {
					refused++
				} else {
					t.Errorf("%s is granted", f)
				}
			case p.Type == mqtt.PUBLISH && !strings.HasPrefix(string(p.Publish.Topic), mine.TopicPrefix):
				sent++
			}
		}
	}
	for name, id := range map[string]string{"nobody": "", "another's name": other.ID} {
		_, err := mqtt.Dial(h.MQTT(), mqtt.Options{Connect: mqtt.Connect{ClientID: "x", User: id, Password: "x", Version: mqtt.V5}, Timeout: 10 * time.Second})
		var no *mqtt.RefusedError
		if !errors.As(err, &no) {
			t.Errorf("%s: %v", name, err)
		}
	}
	return sent, refused
}
