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
	// Thumbnail gives a small one of it, which the caller closes.
	Thumbnail(ctx context.Context, d devices.DeviceID, e devices.EventID) (pictures.Record, io.ReadSeekCloser, error)
	Find(ctx context.Context, q pictures.Query) ([]pictures.Found, error)
	Usage(ctx context.Context) (pictures.Usage, error)
	Retention() pictures.Retention
}

// picturePolicy keeps a browser that is shown a picture as a page from doing anything
// with it but showing it.
const picturePolicy = "default-src 'none'; img-src 'self'; sandbox; frame-ancestors 'none'"

// pictureRoutes serve the picture of an event, as it came and small.
func (s *Server) pictureRoutes(r *gin.Engine) {
	const of = apiPrefix + "/devices/:id/events/:event/"
	r.GET(of+"picture", s.servePicture("", s.deps.Pictures.Open))
	r.GET(of+"thumbnail", s.servePicture("-thumbnail", s.deps.Pictures.Thumbnail))
}

type opener func(ctx context.Context, d devices.DeviceID, e devices.EventID) (pictures.Record, io.ReadSeekCloser, error)

// servePicture answers with a picture. A browser may keep it for its user, but asks
// each time whether it may still be shown: on a shared screen the next person's rights
// count. A picture never changes, so the answer is a short 304.
func (s *Server) servePicture(variant string, open opener) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx := c.Request.Context()
		camera := devices.DeviceID(c.Param("id"))
		if p := s.aims(ctx, camera); p != nil {
			writeProblem(c.Writer, p)
			return
		}
		rec, f, err := open(ctx, camera, devices.EventID(c.Param("event")))
		if err != nil {
			writeProblem(c.Writer, problemOf(ctx, s.deps.Log, err, "path"))
			return
		}
		defer f.Close()
		h := c.Writer.Header()
		h.Set("Content-Type", "image/jpeg")
		h.Set("Content-Security-Policy", picturePolicy)
		h.Set("Cache-Control", "private, no-cache")
		h.Set("ETag", `"`+hex.EncodeToString(rec.Hash[:16])+variant+`"`)
		http.ServeContent(c.Writer, c.Request, "", rec.ArrivedAt, f)
	}
}
