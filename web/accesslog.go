package web

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"gatehouse/devices"
)

// withLog writes one line per request: no query, no header, no body, so that no
// secret can be in it. Health checks and the console's files are at debug level.
func withLog(log *slog.Logger, now func() time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := now()
		rec := &recorder{ResponseWriter: w}
		guard(log, rec, r, next)
		level := slog.LevelDebug
		if isAPI(r.URL.Path) || rec.hijacked {
			level = slog.LevelInfo
		}
		v := visitorOf(r.Context())
		log.Log(r.Context(), level, "http", "method", clip(r.Method, 20), "path", clip(r.URL.Path, 200),
			"status", rec.code(), "bytes", rec.bytes, "took", now().Sub(start),
			"from", v.address, "operator", v.operator.ID, "token", v.programID(), "request", requestID(r.Context()))
	})
}

// guard serves r and turns a panic into a problem without the stack, which goes
// into the log. One bad request never ends the process.
func guard(log *slog.Logger, w *recorder, r *http.Request, next http.Handler) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p) // net/http's own way to drop a connection
		}
		log.ErrorContext(r.Context(), "request panicked", "request", requestID(r.Context()),
			"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		if w.status == 0 && !w.hijacked {
			writeProblem(w, newProblem(devices.Internal, "something went wrong: the server's log has it under request "+requestID(r.Context())))
		}
	}()
	next.ServeHTTP(w, r)
}

// recorder notes what was answered. It lets a connection be taken over (MQTT).
type recorder struct {
	http.ResponseWriter
	status   int
	bytes    int64
	hijacked bool
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Hijack implements http.Hijacker.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(r.ResponseWriter).Hijack()
	r.hijacked = r.hijacked || err == nil
	return c, rw, err
}

// Flush implements http.Flusher.
func (r *recorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) code() int {
	switch {
	case r.hijacked:
		return http.StatusSwitchingProtocols
	case r.status == 0:
		return http.StatusOK
	}
	return r.status
}

// clip shortens s to at most n bytes.
func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
