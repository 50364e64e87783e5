package broker

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gobwas/ws"
)

// A client must offer one of the subprotocols and is answered it (MQTT-6.0.0-3,
// MQTT-6.0.0-4). The older name is what clients of 3.1 know.
const (
	subprotocol    = "mqtt"
	oldSubprotocol = "mqttv3.1"
)

// handshakeTimeout bounds the writing of the handshake's answer.
const handshakeTimeout = 10 * time.Second

// WebSocket is the handler of MQTT over WebSocket (MQTT 5.0, section 6), to be
// given to an HTTP server at any path. It takes clients that offer the
// subprotocol "mqtt", or "mqttv3.1" as the oldest do; of web pages, those of the same host and of Options.Origins.
// A request is answered with 400, 403 or 426 if it is not such a client's. The
// handler may return while the connection goes on.
func (b *Broker) WebSocket() http.Handler { return b.webSocket(b.front) }

// WebSocketWith is WebSocket with rights and limits of its own for this handler.
func (b *Broker) WebSocketWith(o Listener) http.Handler { return b.webSocket(b.entrance(o)) }

func (b *Broker) webSocket(via *entrance) http.Handler {
	return webSocketHandler(via.Origins, b.tally.count, func(nc net.Conn) { b.serveConn(nc, via) })
}

// webSocketHandler upgrades requests and gives the connections to serve, which
// may return while the connection goes on. Pages of other hosts are refused unless
// their origin is listed. A web page can make anybody's browser ask, so what is
// refused here is counted and not held against the address.
func webSocketHandler(origins []string, refused func(counter), serve func(net.Conn)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !originAllowed(r, origins) {
			refused(refusedOrigin)
			http.Error(w, "this web origin may not connect: list it in the server's allowed origins", http.StatusForbidden)
			return
		}
		chosen := offered(r)
		if chosen == "" {
			refused(refusedUpgrade)
			http.Error(w, "a WebSocket with the subprotocol mqtt is expected here", http.StatusBadRequest)
			return
		}
		upgrader := ws.HTTPUpgrader{
			Timeout:  handshakeTimeout,
			Protocol: func(p string) bool { return p == chosen },
		}
		conn, rw, _, err := upgrader.Upgrade(r, w)
		if err != nil {
			refused(refusedUpgrade)
			if conn != nil {
				_ = conn.Close() // the peer has been told why
			}
			return
		}
		var early []byte
		if n := rw.Reader.Buffered(); n > 0 {
			early = make([]byte, n)
			_, _ = rw.Read(early) // from the buffer: it cannot fail
		}
		serve(newWebSocketConn(conn, early, remoteOf(r, conn)))
	})
}

// remoteOf is where the client is: in the request, where something before the
// handler that knows its proxy may have put it, or at the end of the connection.
func remoteOf(r *http.Request, conn net.Conn) net.Addr {
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return net.TCPAddrFromAddrPort(a)
	}
	if a, err := netip.ParseAddr(r.RemoteAddr); err == nil { // without a port, as proxies say it
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, 0))
	}
	return conn.RemoteAddr()
}

// originAllowed applies the same-origin rule. Programs that are not browsers send
// no Origin; a browser cannot leave it out, whatever its page does.
func originAllowed(r *http.Request, origins []string) bool {
	sent := r.Header.Values("Origin")
	if len(sent) == 0 {
		return true
	}
	if len(sent) > 1 {
		return false
	}
	u, err := url.Parse(sent[0])
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return false // "null" too: a page that does not say where it is from
	}
	if strings.EqualFold(u.Host, r.Host) && (r.TLS == nil || u.Scheme == "https") {
		return true // without TLS here there may be a proxy that has it
	}
	return slices.ContainsFunc(origins, func(o string) bool { return strings.EqualFold(o, sent[0]) })
}

// offered is the subprotocol to answer, of those that the client offers; empty if it
// offers none of MQTT.
func offered(r *http.Request) (chosen string) {
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for p := range strings.SplitSeq(line, ",") {
			switch strings.TrimSpace(p) {
			case subprotocol:
				return subprotocol
			case oldSubprotocol:
				chosen = oldSubprotocol
			}
		}
	}
	return chosen
}
