package edge

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/property"
	"gatehouse/prove/served"
)

// TestForeignPagesOpenNoMQTT has pages of other origins ask for MQTT over WebSocket: only
// those of the console's own origin, and programs that are no pages, are let through to
// the broker, which asks for a ticket or a credential.
func TestForeignPagesOpenNoMQTT(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	address := httpAddress(h.Server())
	_, port, _ := strings.Cut(address, ":")
	foreign := []string{
		"http://evil.example", "https://evil.example", "null", "http://", "http", "*", "//" + address, "http://" + address + ".evil.example", "http://evil.example#" + address,
		"http://127.0.0.1", "http://127.0.0.1:1", "http://127.0.0.2:" + port, "http://localhost:" + port, "http://[::1]:" + port, "http://127.0.0.1.evil.example:" + port,
		"http://evil.example/" + address, "http://" + address + "@evil.example", "http://evil.example?" + address, "file://", "chrome-extension://abcdef", "data:",
		"http://xn--127-0.example:" + port, "http://0:" + port, "http://2130706433:" + port, "http://127.1:" + port,
	}
	opened := 0
	for _, origin := range foreign {
		for _, spelling := range []string{origin, strings.ToUpper(origin)} {
			if status := upgrade(t, address, spelling); status != http.StatusForbidden && status != http.StatusBadRequest {
				opened++
				t.Errorf("origin %q: %d", spelling, status)
			}
		}
	}
	for _, own := range []string{"http://" + address, ""} {
		if status := upgrade(t, address, own); status != http.StatusSwitchingProtocols {
			t.Errorf("origin %q: %d", own, status)
		}
	}
	h.Healthy()
	prove.Record(t, "pages of other origins open no MQTT over WebSocket", "0 upgrades", fmt.Sprintf("%s upgrades", of(opened, 2*len(foreign))))
}

// upgrade asks for MQTT over WebSocket and gives the status.
func upgrade(t *testing.T, address, origin string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/mqtt", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "mqtt",
	} {
		r.Header.Set(name, value)
	}
	if origin != "" {
		r.Header["Origin"] = []string{origin}
	}
	c := &http.Client{Timeout: served.Patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := c.Do(r)
	if err != nil {
		t.Fatalf("origin %q: %v", origin, err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}
