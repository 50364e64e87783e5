package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"gatehouse/web"
)

func ringed(level slog.Level) (*logRing, *slog.Logger, *bytes.Buffer) {
	r, b := newLogRing(), &bytes.Buffer{}
	return r, slog.New(r.tee(slog.NewTextHandler(b, &slog.HandlerOptions{Level: level}))), b
}

func TestTheLogIsKeptAsItWasWrittenTheNewestFirst(t *testing.T) {
	t.Parallel()
	r, log, written := ringed(slog.LevelInfo)
	log.Debug("not asked for")
	log.Info("started", "on", "127.0.0.1:8080")
	log.With("device", "d1").WithGroup("link").Warn("lost", "cause", "keep alive")
	log.Info("http", "path", "/api/v1/system")
	p := r.Log(web.LogQuery{Requests: true})
	got := ""
	for _, l := range p.Lines {
		got += fmt.Sprintf("%d %s %s %s\n", l.Number, l.Level, l.Message, l.Attributes)
	}
	want := "3 INFO http path=/api/v1/system\n2 WARN lost device=d1 link.cause=\"keep alive\"\n1 INFO started on=127.0.0.1:8080\n"
	if got != want || p.Kept != 3 || p.Missed != 0 || p.More {
		t.Errorf("kept %q, %+v", got, p)
	}
	if n := strings.Count(written.String(), "\n"); n != 3 {
		t.Errorf("the log itself has %d lines:\n%s", n, written)
	}
}

func TestLinesAreFoundByLevelTextAndNumber(t *testing.T) {
	t.Parallel()
	r, log, _ := ringed(slog.LevelDebug)
	for i := range 10 {
		log.Info("tick", "n", i)
	}
	log.Error("Disk full", "dir", "/Data")
	log.Info("http", "path", "/x")
	for name, c := range map[string]struct {
		q    web.LogQuery
		want string
		more bool
	}{
		"level":        {web.LogQuery{Level: "WARN"}, "11", false},
		"text":         {web.LogQuery{Text: "disk FULL"}, "11", false},
		"attribute":    {web.LogQuery{Text: "dir=/data"}, "11", false},
		"nothing":      {web.LogQuery{Text: "no such"}, "", false},
		"a page":       {web.LogQuery{Limit: 3}, "11 10 9", true},
		"its next":     {web.LogQuery{Limit: 3, Before: 3}, "2 1", false},
		"exactly":      {web.LogQuery{Limit: 2, Before: 3}, "2 1", false},
		"with request": {web.LogQuery{Limit: 1, Requests: true}, "12", true},
	} {
		p := r.Log(c.q)
		var got []string
		for _, l := range p.Lines {
			got = append(got, fmt.Sprint(l.Number))
		}
		if strings.Join(got, " ") != c.want || p.More != c.more {
			t.Errorf("%s: %v, more %v", name, got, p.More)
		}
	}
}

func TestNoMoreOfTheLogIsKeptThanThereIsRoomFor(t *testing.T) {
	t.Parallel()
	r, log, _ := ringed(slog.LevelInfo)
	for i := range ringLines + 5 {
		log.Info("tick", "n", i)
	}
	log.Info("long", "text", strings.Repeat("闸", lineBytes))
	p := r.Log(web.LogQuery{})
	if p.Kept != ringLines || p.Missed != 6 || len(p.Lines) != ringLines {
		t.Errorf("%d kept, %d missed, %d lines", p.Kept, p.Missed, len(p.Lines))
	}
	if newest, oldest := p.Lines[0], p.Lines[ringLines-1]; newest.Number != ringLines+6 || oldest.Number != 7 || len(newest.Attributes) > lineBytes+8 {
		t.Errorf("from %d to %d, %d bytes", oldest.Number, newest.Number, len(newest.Attributes))
	}
}

func TestWhatIsCalledLikeASecretIsNotKept(t *testing.T) {
	t.Parallel()
	r, log, _ := ringed(slog.LevelInfo)
	log.With("Password", "hush1").Info("a", slog.Group("header", "Authorization", "hush2"), "setup_token", "hush3", "client_secret", "hush4", "user", "wang")
	l := r.Log(web.LogQuery{}).Lines[0]
	if strings.Contains(l.Attributes, "hush") || !strings.Contains(l.Attributes, "user=wang") {
		t.Error(l.Attributes)
	}
}

func TestManyWriteTheLogAtOnce(t *testing.T) {
	t.Parallel()
	r := newLogRing()
	log := slog.New(r.tee(slog.NewTextHandler(io.Discard, nil)))
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			own := log.With("writer", w)
			for i := range 100 {
				own.Info("tick", "n", i)
				r.Log(web.LogQuery{Text: "tick", Limit: 5})
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, l := range r.Log(web.LogQuery{}).Lines {
		seen[l.Attributes] = true
	}
	if len(seen) != 800 {
		t.Errorf("%d different lines of 800", len(seen))
	}
}
