// Package edge holds the suites that come to the server from outside, as a stranger or
// as somebody with too much time: before it is set up, by HTTP and TLS that is slow,
// huge, malformed or plain, with every parameter wrong, by guessing passwords and codes,
// with sessions that have ended or were never theirs, from pages of other sites, and
// afterwards through its log, its files and its answers, in search of what should not be
// there.
//
// The release binary runs in a process of its own; prove/property sets it up over the
// API, clients of MQTT are prove/mqtt.
package edge
