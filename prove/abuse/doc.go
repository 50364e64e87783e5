// Package abuse holds the suites that try to harm the broker from outside: packets
// that are wrong at every byte, claims and crowds that would eat its memory, clients
// that never answer, lines that swallow, tear and cut.
//
// Two kinds of servers are attacked, each in a process of its own: the release binary
// running the broker alone, and a small program that embeds the package with its
// default limits (this test program itself, started again). A client is
// prove/mqtt or plain bytes on a socket; nothing that the broker says of itself is
// believed, except where a test counts what it counts.
//
// Every test ends in the same way: a stranger connects, publishes and receives, the
// process is the same that was started, and it has said nothing of a panic or, when
// it was built with the race detector, of a race.
//
// Times and memory are measured always and judged at full size only (make prove):
// a machine that does something else at the same time proves nothing.
package abuse
