// Package rights holds the suites that try to get in as somebody else, to receive
// what one may not read, and to have something published that one may not publish:
// by another's client identifier, by filters and names, by wills and retained
// messages, by rights that end while something is under way or while the broker is
// down.
//
// Three kinds of servers are tried, each in a process of its own: the release binary
// running the broker alone, with users and an access control list; a small
// program that embeds the package (this test program itself, started again), whose
// rights a test changes while clients are connected; and the whole platform, whose
// devices have credentials of its making (prove/property). Clients are prove/mqtt.
//
// Every test ends in the same way: the process is the one that was started, and a
// stranger of the first two kinds connects, publishes and receives.
package rights
