// Package feed is what consoles and other programs read: topics and payloads,
// written only by the platform.
//
//	gatehouse/v1/feed/{site}/{zone}/{kind}/{id}
//
//	kind       id          payload    retained
//	device     device id   Device     yes
//	command    command id  Command    until a minute after its end, then cleared by an empty message
//	alarm      alarm id    Alarm      until it is resolved: then told once more, and cleared
//	layer      layer id    Layer      until it is released: then told once more, and cleared
//	today      -           Today      yes; the zone is "-"
//	heartbeat  -           Heartbeat  no; every 5 s for each zone, and for "-"
//
// Each message is the full new state of one thing with a revision of its site.
// A thing's revisions only rise: a reader drops what is not newer than what it
// has. A reader whose newest revision of a zone stays behind the heartbeat's
// missed something, and reads a Snapshot again.
//
// Publisher writes the feed from devices.News; Reader gives the Snapshot; MayRead
// is the rule of who may subscribe to what.
package feed
