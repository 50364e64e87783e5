package web

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
	"gatehouse/devices/pictures"
)

// Pictures has the pictures of events; pictures.Pictures is one.
type Pictures interface {
	// Open gives a picture, which the caller closes; otherwise the error NotFound.
	Open(ctx context.Context, d devices.DeviceID, e devices.EventID) (pictures.Record, io.ReadSeekCloser, error)
}

// pictureRoute serves the picture of an event. A browser may keep it for its user,
// but asks each time whether it may still be shown: on a shared screen the next
// person's rights count. A picture never changes, so the answer is a short 304.
func (s *Server) pictureRoute(r *gin.Engine) {
	r.GET(apiPrefix+"/devices/:id/events/:event/picture", func(c *gin.Context) {
		ctx := c.Request.Context()
		rec, f, err := s.deps.Pictures.Open(ctx, devices.DeviceID(c.Param("id")), devices.EventID(c.Param("event")))
		if err != nil {
			writeProblem(c.Writer, problemOf(ctx, s.deps.Log, err, "path"))
			return
		}
		defer f.Close()
		h := c.Writer.Header()
		h.Set("Content-Type", "image/jpeg")
		h.Set("Cache-Control", "private, no-cache")
		h.Set("ETag", `"`+hex.EncodeToString(rec.Hash[:16])+`"`)
		http.ServeContent(c.Writer, c.Request, "", rec.ArrivedAt, f)
	})
}
