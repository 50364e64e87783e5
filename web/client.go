package web

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// visitor is who makes a request, as far as is known: where from always, the
// operator once the session was checked.
type visitor struct {
	address   string // network address without port
	userAgent string
	host      string // name, and perhaps port, under which the browser asked
	secure    bool   // came by HTTPS
	carried   string // the token that came along, also where none is asked for
	booth     string // the token of the booth that it came from
	token     string
	rule      rule // of the route
	method    string
	route     string
	session   operators.Session
	operator  operators.Operator // of a program: whoever made its token
	grant     operators.Grant
	reach     devices.Reach // of a route that needs a right

	bearer  string              // the API token that came along
	program *operators.APIToken // of a program; nil: it is a person
}

// client is where the request comes from, as operators wants to know it.
func (v *visitor) client() operators.Client {
	return operators.Client{Address: v.address, UserAgent: v.userAgent}
}

// programID is that of a program's token; empty: it is a person.
func (v *visitor) programID() operators.APITokenID {
	if v.program == nil {
		return ""
	}
	return v.program.ID
}

type visitorKey struct{}

// visitorOf is who makes the request that ctx belongs to.
func visitorOf(ctx context.Context) *visitor {
	v, ok := ctx.Value(visitorKey{}).(*visitor)
	if !ok {
		return &visitor{}
	}
	return v
}

// actor is the signed-in operator, or the program, as the domain wants to know it.
func actor(ctx context.Context) devices.Actor {
	v := visitorOf(ctx)
	if v.program != nil {
		return v.program.Actor(v.operator, v.address)
	}
	return devices.Actor{
		Kind: devices.ActorOperator, ID: string(v.operator.ID), Name: v.operator.Name, Address: v.address,
		Session: string(v.session.ID()), Booth: string(v.session.Booth),
	}
}

// withVisitor finds out where a request comes from. What X-Forwarded-For and
// X-Forwarded-Proto say counts only if a declared proxy says it.
func withVisitor(proxies []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visitor{userAgent: clip(r.UserAgent(), 200), secure: r.TLS != nil, host: clip(r.Host, 255)}
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			v.address = clip(r.RemoteAddr, 64)
		} else {
			addr := peer.Addr().Unmap()
			if trusted(proxies, addr) {
				v.secure = v.secure || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
				addr = forwardedFor(proxies, addr, r.Header.Values("X-Forwarded-For"))
			}
			v.address = addr.String()
			peer = netip.AddrPortFrom(addr, peer.Port())
		}
		r = r.WithContext(context.WithValue(r.Context(), visitorKey{}, v))
		if err == nil {
			r.RemoteAddr = peer.String() // for the broker, which counts by address
		}
		next.ServeHTTP(w, r)
	})
}

// forwardedFor walks the list from its end: each declared proxy vouches for the
// entry before it, and nobody vouches for anything further left.
func forwardedFor(proxies []netip.Prefix, peer netip.Addr, headers []string) netip.Addr {
	list := strings.Split(strings.Join(headers, ","), ",")
	for i := len(list) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(strings.TrimSpace(list[i]))
		if err != nil {
			return peer
		}
		peer = addr.Unmap()
		if !trusted(proxies, peer) {
			return peer
		}
	}
	return peer
}

func trusted(proxies []netip.Prefix, addr netip.Addr) bool {
	for _, p := range proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
