package web

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// apiPrefix is where the JSON API begins.
const apiPrefix = "/api/v1"

// contentPolicy lets the console load only what this server gives, and nothing
// inline. blob: and data: are for pictures and the workers of the MQTT client.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
	"font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; media-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// strictTransport has browsers come by HTTPS only, for a year (OWASP ASVS 5.0 3.4.1). It
// is not said to localhost, where it would count for every other program's port, too.
const strictTransport = "max-age=31536000; includeSubDomains"

type requestIDKey struct{}

// requestID is the id of the request that ctx belongs to; empty outside one.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// withHeaders puts the security headers, and on API answers the version and
// no-store, on every answer, whoever writes it, and gives the request its id.
func withHeaders(version string, next http.Handler) http.Handler {
	own := regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !own.MatchString(id) {
			id = uuid.NewString()
		}
		h := w.Header()
		h.Set("X-Request-Id", id)
		securityHeaders(h)
		if visitorOf(r.Context()).secure && !loopbackName(r.Host) {
			h.Set("Strict-Transport-Security", strictTransport)
		}
		if isAPI(r.URL.Path) {
			h.Set("Cache-Control", "no-store")
			h.Set("X-Gatehouse-Version", version)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

// securityHeaders are those of every answer (OWASP ASVS 5.0 3.4.3 to 3.4.6, 3.4.8).
func securityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
}

// isAPI says whether a path belongs to the API: it never gets the console's page.
func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }
