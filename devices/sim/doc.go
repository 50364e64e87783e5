// Package sim makes virtual gates, turnstiles and cameras that keep the contract
// of devices/wire as a good device does. cmd/devicesim puts them on the net;
// tests of the platform use them as counterparts whose own truth can be compared.
//
// A Device is one virtual device. Its Run owns all its state; every other method
// may be called from anywhere and hands its work to Run. Time is that of the time
// package, so a test in a testing/synctest bubble runs hours in no time.
//
// A Device promises:
//   - on connecting: status online, then a full state; a state on each change and
//     at least every 60 s;
//   - for a command: signature, action, clock, deadline and number are checked in
//     this order; it acts once per command id and gives a repeated one its first
//     answer; it answers, then reports;
//   - events, pictures and billing events are kept until they are acknowledged
//     (billing: PUBCOMP), in order, over lost connections and, where Options.Save
//     keeps the Memory, over restarts.
//
// A Fleet is the devices of one property, where a gate knows the camera that
// watches it. Nothing here knows MQTT: a Link carries the messages.
package sim
