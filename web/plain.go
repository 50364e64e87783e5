package web

import (
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"gatehouse/devices"
)

// plainPage says to people why they are not let in by plain HTTP. It leads nowhere: a
// redirect would teach them to begin so, and whoever listens would be sent along.
//
//go:embed ui_plain.html
var plainPage []byte

// encryptedOnly refuses plain HTTP beyond this machine (OWASP ASVS 5.0 12.2.1). Without
// a proxy no listener of plain HTTP is reached from there; with one, a stranger may
// come past it, or the proxy by plain HTTP itself. Health checks have no secrets.
func encryptedOnly(proxies []netip.Prefix, next http.Handler) http.Handler {
	if len(proxies) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitorOf(r.Context())
		if v.secure || onThisMachine(v.address, r.Host) || isHealth(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		refusePlain(w, r)
	})
}

// refusePlain answers with RFC 9110, 15.5.22.
func refusePlain(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "TLS/1.2, HTTP/1.1") // RFC 2817, 4.2
	if !isAPI(r.URL.Path) && strings.Contains(r.Header.Get("Accept"), "text/html") {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusUpgradeRequired)
		_, _ = w.Write(plainPage) // the client may be gone
		return
	}
	p := newProblem(devices.Forbidden, "plain HTTP is refused beyond the server's own machine: use https://; a declared proxy must send X-Forwarded-Proto: https")
	p.Status, p.Title = http.StatusUpgradeRequired, http.StatusText(http.StatusUpgradeRequired)
	writeProblem(w, p)
}

func isHealth(path string) bool { return path == "/livez" || path == "/readyz" }

// onThisMachine is true if a request came from this machine and for it.
func onThisMachine(address, host string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && ip.IsLoopback() && loopbackName(host)
}

// loopbackName is true if a Host header names this machine to itself.
func loopbackName(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	ip, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && ip.IsLoopback()
}

// plainAnswer is what plain HTTP on the port of HTTPS gets.
func plainAnswer() string {
	h := http.Header{}
	securityHeaders(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", fmt.Sprint(len(plainPage)))
	h.Set("Cache-Control", "no-store")
	h.Set("Connection", "close, Upgrade")
	h.Set("Upgrade", "TLS/1.2, HTTP/1.1")
	var b strings.Builder
	b.WriteString("HTTP/1.1 426 Upgrade Required\r\n")
	_ = h.Write(&b) // a Builder takes everything
	b.WriteString("\r\n")
	b.Write(plainPage)
	return b.String()
}
