// Package presence is the one ordered word on whether a device is connected. It
// is pure: a link and a change in, a link out.
//
// News of a connection comes from several places, on their own time: the broker's
// watcher, the device's will, the device itself. Each names the epoch of the
// connection it speaks of; Apply puts them in order by it. A late "down" never
// overwrites a newer "up".
package presence
