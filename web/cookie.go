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

// boothLife is how long browsers keep the cookie of a booth; the server ends it sooner if it wants.
const boothLife = 366 * 24 * 60 * 60 // seconds

func boothCookieName(secure bool) string { return cookieName(secure) + "-booth" }

// boothCookie makes a browser a booth. It outlives the browser, lets nobody in by itself, and is not sent from pages of
// other sites.
func boothCookie(v *visitor, token string) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure as that of the session
		Name: boothCookieName(v.secure), Value: token, Path: "/", MaxAge: boothLife,
		HttpOnly: true, Secure: v.secure, SameSite: http.SameSiteStrictMode,
	}
}

// sessionToken is the session's token of a request; empty if it has none.
func sessionToken(r *http.Request, secure bool) string {
	return cookieValue(r, cookieName(secure))
}

// boothToken is the token of the booth that a request came from; empty if it is from none.
func boothToken(r *http.Request, secure bool) string { return cookieValue(r, boothCookieName(secure)) }

func cookieValue(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil || len(c.Value) > 128 {
		return ""
	}
	return c.Value
}
