package abuse

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// forgeries are names that would write lines of their own into a log, colour it,
// or fill it.
func forgeries(k int) mqtt.Connect {
	forged := "\ntime=2026-01-01T00:00:00Z level=ERROR msg=forged"
	switch k % 5 {
	case 0:
		return mqtt.Connect{ClientID: fmt.Sprint(k, forged), User: "a" + forged, Password: "p"}
	case 1:
		return mqtt.Connect{ClientID: "\x1b[31mred\x1b[0m", User: "\x1b]0;title\x07", Password: "p"}
	case 2:
		return mqtt.Connect{ClientID: strings.Repeat("x", 30_000), User: strings.Repeat("y", 30_000), Password: "p"}
	case 3:
		return mqtt.Connect{ClientID: "\r\n\r\n" + forged, User: "\u2028" + forged, Password: "p", Will: &mqtt.Will{Topic: "w" + forged + "/#"}}
	}
	return mqtt.Connect{ClientID: "in", User: "owner", Password: "o", Will: &mqtt.Will{Topic: "w" + forged + "/#"}}
}

func TestNobodyWritesIntoTheLogOrFillsIt(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{Users: residents()})
	began, n := time.Now(), 0
	for end := began.Add(time.Duration(prove.Size(1, 60)) * time.Second); time.Now().Before(end); n += 500 {
		together(500, 16, func(k int) {
			nc, err := raw(s.Addr, n+k)
			if err != nil {
				t.Error(err)
				return
			}
			defer drop(nc)
			c := forgeries(k)
			c.Version = versions[k/5%2]
			_, _ = nc.Write(mqtt.AppendConnect(nil, c))
			if a := await(nc, c.Version, patience); !a.refused() {
				t.Errorf("%q: %s", c.ClientID[:min(len(c.ClientID), 20)], a)
			}
		})
	}
	took := time.Since(began)
	said := s.Stderr.String()
	forged := 0
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, "time=") || strings.HasPrefix(line, "time=2026-01-01T00:00:00Z") || strings.ContainsAny(line, "\x1b\x07\r") {
			if forged++; forged < 5 {
				t.Errorf("a forged line: %q", line[:min(len(line), 200)])
			}
		}
	}
	if strings.Count(said, "connect refused") < 10 {
		t.Errorf("the log says nothing of what was refused: %q", said)
	}
	minute := float64(len(said)) / (1 << 20) / max(took.Minutes(), 1)
	limit(t, "log in a minute, KiB", int(minute*1024), 10<<10)
	prove.Record(t, "nobody writes lines of his own into the log, or fills it", "0 forged lines, 10 MB in a minute at most",
		fmt.Sprintf("%d attempts in %s, %d forged lines, %.2f MB in a minute", n, short(took), forged, minute))
}
