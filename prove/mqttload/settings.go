package main

import (
	"flag"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// The ends of what a run may ask for.
const (
	maxMessages = 20_000_000
	maxClients  = 60_000
	maxWindow   = 65_535 // packet identifiers
	maxSize     = 1 << 20
	maxRate     = 1_000_000
	maxLimit    = time.Hour
)

// settings are the flags. A mode has those whose default is not zero, besides
// those that all modes have.
type settings struct {
	address string
	pid     int
	prefix  string
	limit   time.Duration

	qos    int
	pubs   int
	subs   int
	n      int
	count  int
	window int
	size   int
	rate   int

	persistent bool          // subscribers' sessions outlive their connections
	returning  time.Duration // how long memory may take to be given back
}

// flags are the flags of the mode whose defaults are in s; parsing them sets s.
func (s *settings) flags(mode string, out io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet(mode, flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&s.address, "address", "127.0.0.1:1883", "of the broker, on this machine")
	f.IntVar(&s.pid, "pid", 0, "process of the broker: measures its CPU time and memory (0: not)")
	f.StringVar(&s.prefix, "prefix", "load/", "of all topics")
	f.DurationVar(&s.limit, "limit", time.Minute, "the run ends after it")
	f.IntVar(&s.qos, "qos", s.qos, "0, 1 or 2")
	for _, o := range []struct {
		value      *int
		name, says string
	}{
		{&s.pubs, "pubs", "publishers"},
		{&s.subs, "subs", "subscribers"},
		{&s.n, "n", "connections or topics"},
		{&s.count, "count", "messages of all publishers together"},
		{&s.window, "window", "messages that a publisher has unacknowledged; with QoS 0: that it writes at once"},
		{&s.size, "size", "bytes of a payload"},
	} {
		if *o.value != 0 {
			f.IntVar(o.value, o.name, *o.value, o.says)
		}
	}
	if mode == "flow" || mode == "pairs" {
		f.BoolVar(&s.persistent, "persistent", false, "subscribers have persistent sessions: a broker with a disk has to keep their messages")
	}
	if mode == "conns" {
		f.DurationVar(&s.returning, "returning", 30*time.Second, "how long to wait for memory to be given back when all have left")
	}
	if mode == "ack" {
		f.IntVar(&s.rate, "rate", 0, "messages a second, whether or not earlier ones are acknowledged (0: as fast as window lets)")
	}
	return f
}

// check says what is wrong with the flags of a mode with these defaults.
func (s *settings) check(defaults settings) error {
	a, err := netip.ParseAddrPort(s.address)
	if err != nil || !a.Addr().IsLoopback() {
		return fmt.Errorf("-address like 127.0.0.1:1883 or [::1]:1883 expected, %q came", s.address)
	}
	if s.limit <= 0 || s.limit > maxLimit {
		return fmt.Errorf("-limit of at most %v expected, %v came", maxLimit, s.limit)
	}
	for _, o := range []struct {
		name                string
		value, without, max int
	}{
		{"pubs", s.pubs, defaults.pubs, maxClients},
		{"subs", s.subs, defaults.subs, maxClients},
		{"n", s.n, defaults.n, maxClients},
		{"count", s.count, defaults.count, maxMessages},
		{"window", s.window, defaults.window, maxWindow},
		{"size", s.size, defaults.size, maxSize},
	} {
		least := 1
		if o.name == "size" {
			least = stampSize
		}
		if o.without != 0 && (o.value < least || o.value > o.max) {
			return fmt.Errorf("-%s of %d to %d expected, %d came", o.name, least, o.max, o.value)
		}
	}
	if s.qos < 0 || s.qos > 2 {
		return fmt.Errorf("-qos of 0 to 2 expected, %d came", s.qos)
	}
	if s.rate < 0 || s.rate > maxRate {
		return fmt.Errorf("-rate of 0 to %d expected, %d came", maxRate, s.rate)
	}
	return nil
}
