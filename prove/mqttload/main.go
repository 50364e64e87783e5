package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// mode is one kind of load.
type mode struct {
	name     string
	does     string
	defaults settings
	run      func(load) (result, error)
}

func modes() []mode {
	return []mode{
		{"flow", "pubs publishers to subs subscribers, each of which gets everything",
			settings{qos: 1, pubs: 50, subs: 1, count: 100_000, window: 32, size: 128}, flow},
		{"pairs", "n publishers, each with a subscriber of its own",
			settings{qos: 1, n: 200, count: 100_000, window: 32, size: 128}, pairs},
		{"fanout", "one publisher to subs subscribers",
			settings{qos: 0, subs: 500, count: 1000, window: 32, size: 128}, fanout},
		{"retained", "n retained topics, replayed to one new subscriber",
			settings{qos: 1, n: 50_000, window: 64, size: 128}, retained},
		{"storm", "n connections with wills are cut at once; one watcher sees the wills",
			settings{qos: 1, n: 10_000}, storm},
		{"rtt", "a command to one of n devices and its answer, one at a time",
			settings{qos: 1, n: 100, count: 5000, size: 64}, roundTrips},
		{"conns", "n idle connections with a will and a subscription come, stay and leave",
			settings{qos: 1, n: 15_000}, conns},
		{"ack", "what pubs publishers send is kept for a subscriber that is away: how fast that is acknowledged",
			settings{qos: 1, pubs: 1, count: 10_000, window: 1, size: 128}, acks},
	}
}

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		usage(stderr)
		if len(args) > 0 && strings.HasSuffix(args[0], "-help") {
			return 0
		}
		return 2
	}
	for _, m := range modes() {
		if m.name == args[0] {
			return m.start(args[1:], stdout, stderr)
		}
	}
	fmt.Fprintf(stderr, "mqttload: a mode expected, %q came\n", args[0])
	usage(stderr)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: mqttload MODE [flags]; mqttload MODE -help lists the flags of a mode")
	for _, m := range modes() {
		fmt.Fprintf(w, "  %-9s %s\n", m.name, m.does)
	}
}

// start reads the flags, runs the load and prints what it was.
func (m mode) start(args []string, stdout, stderr io.Writer) int {
	s := m.defaults
	flags := s.flags(m.name, stderr)
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if err := s.check(m.defaults); err != nil {
		fmt.Fprintf(stderr, "mqttload: %v\n", err)
		return 2
	}
	r, err := m.run(load{settings: s, deadline: time.Now().Add(s.limit)})
	r.Mode, r.QoS = m.name, s.qos
	if err != nil {
		r.Error = err.Error()
	}
	r.print(stdout, stderr)
	if err != nil {
		return 1
	}
	return 0
}
