package db

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/replay"
)

// BenchmarkReplay reads replays of a site with 1,000 devices in 20 zones, to which
// 20,000 things happened in about two days: what a console asks for, from a device in
// five minutes to the whole site in a day. lines are those of one replay.
func BenchmarkReplay(b *testing.B) {
	c := emptyChronicle(b)
	for i := range 1000 {
		c.known = append(c.known, devices.Device{
			ID: devices.DeviceID(fmt.Sprintf("d%d", i)), Site: "s0", Zone: devices.ZoneID(fmt.Sprintf("z%d", i/50)),
			Kind: devices.Gate, Name: fmt.Sprintf("Gate %d", i), Created: start,
		})
	}
	register(b, c.d, c.known...)
	for range 20_000 {
		c.step()
	}
	s := replay.New(c.d.Replay(), property{c})
	middle := start.Add(c.now.Sub(start) / 2)
	around := func(q replay.Query, span time.Duration) replay.Query {
		q.From, q.To, q.Audit = middle.Add(-span/2), middle.Add(span/2), true
		return q
	}
	for _, bench := range []struct {
		name  string
		query replay.Query
	}{
		{"of=device/span=5m", around(replay.Query{Device: "d500"}, 5*time.Minute)},
		{"of=device/span=24h", around(replay.Query{Device: "d500"}, 24*time.Hour)},
		{"of=zone/span=1h", around(replay.Query{Zone: "z10"}, time.Hour)},
		{"of=site/span=1h", around(replay.Query{Site: "s0"}, time.Hour)},
		{"of=site/span=24h", around(replay.Query{Site: "s0"}, 24*time.Hour)},
		{"of=site/span=12h/opens=true", around(replay.Query{Site: "s0", Openings: true}, 12*time.Hour)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var lines int
			for b.Loop() {
				r, err := s.Replay(c.ctx, bench.query)
				ok(b, err)
				lines = len(r.Lines)
			}
			b.ReportMetric(float64(lines), "lines")
		})
	}
}
