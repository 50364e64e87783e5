package edge

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"gatehouse/prove/property"
	"gatehouse/prove/served"
)

// judge counts what was tried, and what went wrong.
type judge struct {
	t             *testing.T
	tried, failed int
}

func (j *judge) wants(ok bool, what string, args ...any) {
	j.t.Helper()
	if j.tried++; !ok {
		j.failed++
		j.t.Errorf(what, args...)
	}
}

func (j *judge) String() string { return of(j.failed, j.tried) + " violated" }

// own is the password that everybody gives themselves here.
const own = "seven small boats upstream"

// at is a client at an address of this machine, with a connection for each request.
func at(address net.IP) *http.Client {
	d := &net.Dialer{Timeout: served.Patience, LocalAddr: &net.TCPAddr{IP: address}}
	return &http.Client{Timeout: served.Patience, Transport: &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true}}
}

// tries signs in once.
func tries(t *testing.T, c *http.Client, base, name, password, code string) (status int, header http.Header, body string) {
	t.Helper()
	return ask(t, c, "POST", base+"/session", fmt.Sprintf(`{"name":%q,"password":%q,"code":%q}`, name, password, code))
}

// tokenOf is the value of the session's cookie that an answer sets; empty: none.
func tokenOf(header http.Header) string {
	for _, line := range header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(line, ";")
		if name, value, _ := strings.Cut(pair, "="); name == "gatehouse" || name == "__Host-gatehouse" {
			return value
		}
	}
	return ""
}

func api(h *property.House) string { return "http://" + httpAddress(h.Server()) + "/api/v1" }
