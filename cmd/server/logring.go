package main

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/web"
)

// logRing keeps the newest lines of the log for people who look at them in the console.
// Handlers that it gives share it; it is safe for concurrent use.
type logRing struct {
	mu    sync.Mutex
	lines []web.LogLine // a ring once it is full
	next  int           // where the next line goes
	count int64         // of all lines so far
}

// What is kept of the log: at most 8 MiB.
const (
	ringLines = 2000
	lineBytes = 2 << 10 // of the message, and of the attributes
)

func newLogRing() *logRing { return &logRing{} }

// tee gives a handler that hands every record to out, and keeps it.
func (r *logRing) tee(out slog.Handler) slog.Handler { return &teeHandler{ring: r, out: out} }

// teeHandler hands records to another handler and keeps them in a ring.
type teeHandler struct {
	ring *logRing
	out  slog.Handler
	with []func(slog.Handler) slog.Handler // attributes and groups, in their order
}

// Enabled implements slog.Handler.
func (h *teeHandler) Enabled(ctx context.Context, l slog.Level) bool { return h.out.Enabled(ctx, l) }

// Handle implements slog.Handler.
func (h *teeHandler) Handle(ctx context.Context, rec slog.Record) error {
	h.ring.keep(web.LogLine{
		At: rec.Time.UTC(), Level: levelName(rec.Level), Message: cutLine(rec.Message), Attributes: cutLine(h.attributes(ctx, rec)),
	})
	return h.out.Handle(ctx, rec)
}

// attributes formats them as the log does. No lock is held meanwhile: a value may take
// one of its own, whose holder writes to the log.
func (h *teeHandler) attributes(ctx context.Context, rec slog.Record) string {
	var b bytes.Buffer
	var text slog.Handler = slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: shownAttr})
	for _, add := range h.with {
		text = add(text)
	}
	if err := text.Handle(ctx, rec); err != nil {
		return "" // a line without them is better than none
	}
	return strings.TrimSpace(b.String())
}

// WithAttrs implements slog.Handler.
func (h *teeHandler) WithAttrs(a []slog.Attr) slog.Handler {
	add := func(to slog.Handler) slog.Handler { return to.WithAttrs(a) }
	return &teeHandler{h.ring, add(h.out), append(slices.Clip(h.with), add)}
}

// WithGroup implements slog.Handler.
func (h *teeHandler) WithGroup(name string) slog.Handler {
	add := func(to slog.Handler) slog.Handler { return to.WithGroup(name) }
	return &teeHandler{h.ring, add(h.out), append(slices.Clip(h.with), add)}
}

func (r *logRing) keep(l web.LogLine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	l.Number = r.count
	if len(r.lines) < ringLines {
		r.lines = append(r.lines, l)
		return
	}
	r.lines[r.next] = l
	r.next = (r.next + 1) % ringLines
}

// Log gives lines that match, the newest first; see web.System.
func (r *logRing) Log(q web.LogQuery) web.LogPage {
	r.mu.Lock()
	all := slices.Concat(r.lines[r.next:], r.lines[:r.next])
	p := web.LogPage{Kept: len(all), Missed: r.count - int64(len(all))}
	r.mu.Unlock()
	wanted := strings.ToLower(q.Text)
	for _, l := range slices.Backward(all) {
		if q.Before > 0 && l.Number >= q.Before || !loud(l.Level, q.Level) || l.Message == "http" && !q.Requests {
			continue
		}
		if wanted != "" && !strings.Contains(strings.ToLower(l.Message+" "+l.Attributes), wanted) {
			continue
		}
		if q.Limit > 0 && len(p.Lines) == q.Limit {
			p.More = true
			break
		}
		p.Lines = append(p.Lines, l)
	}
	return p
}

// levelNames are the levels of web.LogLine, the quietest first.
var levelNames = [...]string{"DEBUG", "INFO", "WARN", "ERROR"}

// levelName is the level at or below l.
func levelName(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return levelNames[3]
	case l >= slog.LevelWarn:
		return levelNames[2]
	case l >= slog.LevelInfo:
		return levelNames[1]
	}
	return levelNames[0]
}

func loud(level, least string) bool {
	return slices.Index(levelNames[:], level) >= slices.Index(levelNames[:], least)
}

// shownAttr leaves time, level and message out, which stand by themselves, and what is
// called like a secret: none is logged, and if one were it would not get into a browser.
func shownAttr(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return slog.Attr{}
	}
	key := strings.ToLower(a.Key)
	for _, word := range []string{"password", "secret", "authorization", "cookie", "credential", "setup_token", "setup-token"} {
		if strings.Contains(key, word) {
			return slog.String(a.Key, "[secret]")
		}
	}
	return a
}

func cutLine(s string) string {
	if len(s) <= lineBytes {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	return strings.ToValidUTF8(s[:lineBytes], "\ufffd") + "…"
}

// stamp is a moment for JSON.
func stamp(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	utc := at.UTC().Truncate(time.Millisecond)
	return &utc
}
