package web

import (
	"net/http"
	"net/netip"
	"testing"

	"gatehouse/devices/operators"
)

func proxies(list ...string) []netip.Prefix {
	made := make([]netip.Prefix, len(list))
	for i, p := range list {
		made[i] = netip.MustParsePrefix(p)
	}
	return made
}

func TestForwardedAddressCountsOnlyFromADeclaredProxy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy between", "203.0.113.5:1", nil, "203.0.113.5"},
		{"a stranger says so", "203.0.113.5:1", []string{"198.51.100.1"}, "203.0.113.5"},
		{"the proxy says so", "192.0.2.7:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"the client lied to the proxy", "192.0.2.7:1", []string{"10.0.0.1, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "192.0.2.7:1", []string{"10.0.0.1, 198.51.100.1, 192.0.2.8"}, "198.51.100.1"},
		{"two headers", "192.0.2.7:1", []string{"198.51.100.1", "192.0.2.8"}, "198.51.100.1"},
		{"nonsense", "192.0.2.7:1", []string{"198.51.100.1, unknown"}, "192.0.2.7"},
		{"nothing", "192.0.2.7:1", nil, "192.0.2.7"},
		{"IPv4 in IPv6", "[::ffff:192.0.2.7]:1", []string{"2001:db8::1"}, "2001:db8::1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, func(d *Deps) { d.Proxies = proxies("192.0.2.0/24") })
			h.do("POST", "/api/v1/session", `{"name":"a","password":"b"}`, func(r *http.Request) {
				encrypted(r)
				r.RemoteAddr = c.peer
				r.Header["X-Forwarded-For"] = c.forwarded
			}).wants(200)
			if h.people.from.Address != c.want {
				t.Errorf("address %q, want %q", h.people.from.Address, c.want)
			}
		})
	}
}

func TestBrokerIsToldTheAddressBehindADeclaredProxy(t *testing.T) {
	t.Parallel()
	var told string
	h := newHouse(t, func(d *Deps) {
		d.Proxies = proxies("192.0.2.0/24")
		d.MQTT = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told = r.RemoteAddr })
	})
	for peer, want := range map[string]string{"192.0.2.7:5": "198.51.100.1:5", "203.0.113.5:5": "203.0.113.5:5"} {
		h.do("GET", mqttPath, "", header("Upgrade", "websocket"), func(r *http.Request) {
			encrypted(r)
			r.RemoteAddr = peer
			r.Header["X-Forwarded-For"] = []string{"198.51.100.1"}
		}).wants(200)
		if told != want {
			t.Errorf("from %s: told %q, want %q", peer, told, want)
		}
	}
}

func TestForwardedProtoCountsOnlyFromADeclaredProxy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.do("GET", "/api/v1/session", "", header("X-Forwarded-Proto", "https"), as(operators.Guard)).wants(200)
	if a.header.Get("Strict-Transport-Security") != "" {
		t.Error("believed a stranger")
	}
}
