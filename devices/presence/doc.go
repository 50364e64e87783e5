// Package presence is the one ordered word on whether a device is connected. It
// is pure: a link and a change in, a link out.
//
// News of a connection comes from several places, on their own time: the broker's
// watcher, the device's will, the device itself. Each names the epoch of the
// connection it speaks of; Apply puts them in order by it. A late "down" never
// overwrites a newer "up".
//
// Online is what the connection and the device's own reports say together: a
// device that is connected and silent is offline (Silence, Heard). Every end has a
// cause. A drop that is shorter than the grace time of its kind is shown and
// counted, and is no outage (Link.Outage); a link that comes and goes flaps (Flaps)
// until it has been quiet for a while (Calm).
//
// Its history is spans of being online (Trace); Available sums them up, and keeps
// apart what nobody knows.
package presence
