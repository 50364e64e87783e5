package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
)

// mqttPath is where the broker is reached by WebSocket.
const mqttPath = "/mqtt"

// mqttRoute hands upgrades to the broker. It asks for a ticket or a credential
// itself; here only pages of other sites are turned away.
func (s *Server) mqttRoute(r *gin.Engine) {
	r.GET(mqttPath, func(c *gin.Context) {
		if !s.originAllowed(c.Request) {
			s.deps.Log.WarnContext(c.Request.Context(), "mqtt refused: foreign origin", "origin", clip(c.GetHeader("Origin"), 200))
			writeProblem(c.Writer, newProblem(devices.Forbidden, "pages of another origin may not connect"))
			return
		}
		if !strings.EqualFold(c.GetHeader("Upgrade"), "websocket") {
			c.Header("Upgrade", "websocket")
			p := newProblem(devices.Invalid, "this is MQTT over WebSocket, subprotocol mqtt")
			p.Status, p.Title = http.StatusUpgradeRequired, http.StatusText(http.StatusUpgradeRequired)
			writeProblem(c.Writer, p)
			return
		}
		s.deps.MQTT.ServeHTTP(c.Writer, c.Request)
	})
}

// originAllowed is true for no Origin at all (not a browser), that of the request's
// own host, the public one, and the declared ones.
func (s *Server) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	if slices.ContainsFunc(append([]string{s.deps.PublicURL}, s.deps.Origins...), func(o string) bool { return strings.EqualFold(strings.TrimSuffix(o, "/"), origin) }) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}
