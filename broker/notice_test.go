package broker

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestStrangersDoNotFloodTheLog(t *testing.T) {
	t.Parallel()
	said, now := &log{}, time.Unix(1767225600, 0)
	n := &notices{log: slog.New(slog.NewTextHandler(said, nil)), now: func() time.Time { return now }}
	const all = 10_000
	for range all {
		n.say("connect refused", "detail", "one\nforged line")
	}
	if got := strings.Count(said.b.String(), "\n"); got != noticesPerMinute {
		t.Errorf("%d lines for %d notices in one minute", got, all)
	}
	now = now.Add(time.Minute)
	n.say("connect refused")
	if !said.has("count=9940") {
		t.Errorf("what was left out is not told: %s", said.b.String()[len(said.b.String())-300:])
	}
}
