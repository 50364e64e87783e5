package broker

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// sysRoot is where the broker says how it is. The names below it are those of
// Mosquitto (man page mosquitto(8), "Broker status"); clients/takeovers, clients/contested, queued/, refused/, dropped/,
// retained messages/bytes and store/ beyond messages are its own.
const sysRoot = "$SYS/broker/"

// system tells how the broker is, in retained messages below $SYS/broker/.
type system struct {
	b     *Broker
	since time.Time
	said  map[string]string
	loads []*load
}

// load is how much of something there is in a minute, on average over the last
// one, five and fifteen.
type load struct {
	name    string
	of      func(*Stats) uint64
	last    uint64
	average [3]float64 // in a minute
}

var loadMinutes = [3]float64{1, 5, 15}

func newSystem(b *Broker) *system {
	return &system{b: b, since: b.now(), said: make(map[string]string), loads: []*load{
		{name: "messages/received", of: func(s *Stats) uint64 { return s.PacketsReceived }},
		{name: "messages/sent", of: func(s *Stats) uint64 { return s.PacketsSent }},
		{name: "publish/received", of: func(s *Stats) uint64 { return s.Received }},
		{name: "publish/sent", of: func(s *Stats) uint64 { return s.Delivered }},
		{name: "publish/dropped", of: func(s *Stats) uint64 { return sum(s.Dropped) }},
		{name: "bytes/received", of: func(s *Stats) uint64 { return s.BytesReceived }},
		{name: "bytes/sent", of: func(s *Stats) uint64 { return s.BytesSent }},
		{name: "connections", of: func(s *Stats) uint64 { return s.Connects }},
		{name: "sockets", of: func(s *Stats) uint64 { return s.Accepted }},
	}}
}

// run tells it until ctx ends.
func (y *system) run(ctx context.Context) {
	every := y.b.opts.SysInterval
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	y.tell(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			y.tell(every)
		}
	}
}

// tell publishes what has changed since it was told last, a while ago.
func (y *system) tell(passed time.Duration) {
	s := y.b.Stats()
	values := y.values(&s)
	for _, l := range y.loads {
		l.pass(&s, passed)
		for i, m := range loadMinutes {
			values["load/"+l.name+"/"+strconv.Itoa(int(m))+"min"] = strconv.FormatFloat(l.average[i], 'f', 2, 64)
		}
	}
	t := y.b.turn()
	defer t.end()
	for name, value := range values {
		if y.said[name] != value && t.say(sysRoot+name, value) {
			y.said[name] = value
		}
	}
}

// say publishes a retained message that is nowhere stored; false if there is no
// room for it.
func (t *turn) say(name, value string) bool {
	m := &message{topic: name, payload: []byte(value), retain: true, volatile: true, system: true}
	t.number(m)
	return !t.route(m).Failed()
}

// pass lets time go by: the average moves towards the present rate.
func (l *load) pass(s *Stats, passed time.Duration) {
	now := l.of(s)
	if passed > 0 {
		rate := float64(now-l.last) / passed.Minutes()
		for i, m := range loadMinutes {
			l.average[i] = rate + (l.average[i]-rate)*math.Exp(-passed.Minutes()/m)
		}
	}
	l.last = now
}

func sum(counts map[string]uint64) (n uint64) {
	for _, x := range counts {
		n += x
	}
	return n
}

// values are all values but the loads, by the name below sysRoot.
func (y *system) values(s *Stats) map[string]string {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	absent := s.Sessions - s.Connected
	values := map[string]string{
		"version": version(),
		"uptime":  fmt.Sprintf("%d seconds", int(y.b.now().Sub(y.since).Seconds())),
	}
	for name, n := range map[string]uint64{
		"clients/total": uint64(s.Sessions), "clients/connected": uint64(s.Connected), "clients/active": uint64(s.Connected),
		"clients/disconnected": uint64(absent), "clients/inactive": uint64(absent),
		"clients/maximum": uint64(s.MostConnected), "clients/expired": s.Expired,
		"clients/takeovers": s.TakeOvers, "clients/contested": uint64(s.Contested),
		"messages/received": s.PacketsReceived, "messages/sent": s.PacketsSent,
		"bytes/received": s.BytesReceived, "bytes/sent": s.BytesSent,
		"publish/messages/received": s.Received, "publish/messages/sent": s.Delivered, "publish/messages/dropped": sum(s.Dropped),
		"publish/bytes/received": s.ReceivedBytes, "publish/bytes/sent": s.DeliveredBytes,
		"subscriptions/count":     uint64(s.Subscriptions),
		"retained messages/count": uint64(s.Retained), "retained messages/bytes": uint64(s.RetainedBytes),
		"messages/stored":      uint64(s.Queued + s.Retained),
		"store/messages/count": uint64(s.Queued + s.Retained), "store/messages/bytes": uint64(s.QueuedBytes + s.RetainedBytes),
		"store/full":      boolean(s.StoreFull),
		"queued/messages": uint64(s.Queued), "queued/bytes": uint64(s.QueuedBytes),
		"heap/current": memory.HeapAlloc, "heap/maximum": memory.HeapSys,
	} {
		values[name] = strconv.FormatUint(n, 10)
	}
	for kind, counts := range map[string]map[string]uint64{"refused/": s.Refused, "dropped/": s.Dropped} {
		for reason, n := range counts {
			values[kind+strings.ReplaceAll(reason, "/", " ")] = strconv.FormatUint(n, 10)
		}
	}
	return values
}

func boolean(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// version names the module that holds this package, as it was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "gatehouse"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == "gatehouse" {
			return strings.TrimSpace("gatehouse version " + m.Version)
		}
	}
	return "gatehouse"
}
