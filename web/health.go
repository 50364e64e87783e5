package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
)

// healthRoutes are for whoever watches the process: /livez says that it serves,
// /readyz that everything behind it works.
func (s *Server) healthRoutes(r *gin.Engine) {
	r.GET("/livez", func(c *gin.Context) { ok(c) })
	r.GET("/readyz", func(c *gin.Context) {
		if err := s.deps.Ready(c.Request.Context()); err != nil {
			s.deps.Log.WarnContext(c.Request.Context(), "not ready", "error", err)
			writeProblem(c.Writer, newProblem(devices.Unavailable, "not ready: the server's log says why"))
			return
		}
		ok(c)
	})
}

func ok(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.String(http.StatusOK, "ok\n")
}
