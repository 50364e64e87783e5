package web

import "net/http"

// cookieName is that of the session's cookie. The __Host- prefix makes browsers
// insist on Secure, this host and every path; they refuse it on plain HTTP, which
// is served on loopback only.
func cookieName(secure bool) string {
	if secure {
		return "__Host-gatehouse"
	}
	return "gatehouse"
}

// sessionCookie carries a session's token. It ends with the browser: how long the
// session lasts is decided by the server alone.
func sessionCookie(v *visitor, token string) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure by HTTPS; browsers drop such a cookie on plain loopback HTTP
		Name: cookieName(v.secure), Value: token, Path: "/",
		HttpOnly: true, Secure: v.secure, SameSite: http.SameSiteLaxMode,
	}
}

// expiredCookie takes the session's cookie away.
func expiredCookie(v *visitor) *http.Cookie {
	c := sessionCookie(v, "") //nolint:gosec // as above
	c.MaxAge = -1
	return c
}

// sessionToken is the session's token of a request; empty if it has none.
func sessionToken(r *http.Request, secure bool) string {
	c, err := r.Cookie(cookieName(secure))
	if err != nil || len(c.Value) > 128 {
		return ""
	}
	return c.Value
}
