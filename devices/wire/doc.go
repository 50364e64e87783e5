// Package wire is the contract between Gatehouse and its devices: topics,
// payloads, signatures. Server and simulator both use it; a maker of devices
// needs it and docs/mqtt.md, which has what each action and setting means. It is
// pure, and imports nothing of Gatehouse.
//
// # Topics
//
// A device has the prefix gatehouse/v1/devices/{site}/{device}/ for itself. Site
// and device are ids of 1 to 64 of A-Z a-z 0-9 . _ -
//
//	channel             direction  QoS  retained  payload
//	status              up         1    yes       StatusPayload; the will says offline
//	state               up         1    yes       StatePayload: on connect, on change, at least every 60 s
//	telemetry           up         0    no        TelemetryPayload; its loss is fine
//	event               up         1    no        EventPayload
//	billing             up         2    no        BillingPayload
//	picture/{event id}  up         1    no        the bytes of a JPEG file
//	answer              up         1    no        AnswerPayload
//	time                down       0    no        TimePayload: on connect and every minute
//	command             down       1    never     CommandPayload
//	config              down       1    yes       ConfigPayload: how the device is wanted to be
//
// A device publishes on channels that go up, and subscribes to filters that lie
// wholly under its own prefix: DeviceMayPublish and DeviceMaySubscribe decide.
//
// # Payloads
//
// One JSON object in UTF-8, at most 64 KiB; times are Unix milliseconds. Fields
// that the contract does not know are ignored. A message with a missing field, a
// wrong type or a value out of range is kept in quarantine with its bytes and the
// name of the field; the device goes on.
//
//	status   {"status":"online"}
//	state    {"at":1767225600000,"mode":"controlled","physical":"opening","tamper":false,
//	          "counters":{"in":12,"out":9},"capabilities":["open","close","stop"],
//	          "firmware":"1.4.2","command":"019b76da-0000-7000-8000-000000000001",
//	          "alarm":"held_open_too_long","power":"mains","signal":-67,"heartbeat":30,
//	          "config":3,"settings":{"form":"barrier","pulse":"500"}}
//	telemetry {"at":1767225600000,"voltage":23.9,"temperature":41.5,"signal":-67}
//	config   {"revision":3,"settings":{"form":"barrier","pulse":"500","open_time":"30"}}
//	event    {"id":"g1-000042","seq":42,"at":1767225600000,"type":"passage","direction":"in",
//	          "result":"granted","credential":"plate:粤B12345","camera":"c1"}
//	event    {"id":"c1-000007","seq":7,"at":1767225600000,"type":"plate","plate":"粤B12345",
//	          "confidence":97,"colour":"blue","direction":"in","snapshot":"g1-000042"}
//	billing  {"id":"b-000007","seq":7,"at":1767225600000,"amount":1500,"currency":"CNY",
//	          "for":"parking 2 h","event":"g1-000042"}
//	answer   {"id":"019b76da-0000-7000-8000-000000000001","outcome":"done","at":1767225600000}
//	time     {"now":1767225600000}
//	command  {"id":"019b76da-0000-7000-8000-000000000001","seq":3,"action":"pass",
//	          "args":{"direction":"in"},"issued":1767225600000,"ttl":5000,"signature":"…"}
//	command  {"id":"019b76da-0000-7000-8000-000000000002","seq":4,"action":"mode",
//	          "args":{"mode":"held_open","direction":"in"},"issued":1767225600001,…}
//
// # Events
//
// What may be said once, by which kind (EventTypes); every other type of that kind
// goes into quarantine:
//
//	passage                 gate, turnstile  result, and of a denial the reason: see DenyReasons
//	movement                gate, turnstile  physical, trigger
//	forced_open             gate, turnstile  open, and nothing that the device knows opened it
//	held_open_too_long      gate, turnstile  open for longer than its open time
//	opened_without_command  gate, turnstile  by fob, hand crank or button; a movement to open or
//	                                         opening with such a trigger says the same
//	tailgating              gate, turnstile  a second one passed on one credential
//	reverse_entry           gate, turnstile  against the direction that was released
//	climb_over              turnstile        over or under the arm
//	pass_timeout            gate, turnstile  released, and nobody passed in time
//	snapshot, plate         all              a gate may have its camera within
//	tamper                  all              the housing was opened
//	fault                   all              reason is the device's own code
//	fire                    all              the input of the fire alarm system became active
//
// # Modes
//
// A device with an opening that names the action "mode" among its capabilities
// keeps the mode that it was told last, of each opening (the argument direction:
// in or out, of turnstiles only), also without power, and reports it:
//
//	controlled    opens when it is told to, by a command or by what it knows itself
//	held_open     is open and stays so; an open does nothing, a close or stop is refused
//	held_closed   is closed, or closes; an open or pass is refused (reason held_closed)
//	locked_down   the same (reason locked_down); no credential opens it either
//	fire_release  is open and stays so, whatever else happens
//
// A mode command may stand before an older one in a line that repeats or reorders:
// one that was issued before the last one that the device took for this opening on
// this connection is refused (reason outdated). Egress that the law wants does not
// depend on any mode.
//
// # What a device owes
//
//   - status online and a full state on every connect; a will that says offline.
//   - To act at most once per command id, and to remember the ids of the last
//     hour at least.
//   - To keep the offset between the server's clock and a counter of its own that
//     never jumps, as the time since power came: the largest that a time message
//     of this connection gave, because delay makes it smaller; it may shrink by
//     1 ms in 2 s, which no crystal is wrong by. A device whose only clock can be
//     set forgets its offset when it is. To refuse a command when counter + offset >
//     issued + ttl (reason expired), and to refuse openings, and the modes
//     controlled and held_open, while it has no offset (reason no_clock). A
//     fire_release needs no clock.
//   - To keep, also without power, the greatest seq of the commands it dealt with,
//     and to refuse a command with another id whose seq is not greater (reason
//     replayed), but for modes, which are judged by issued. Numbers rise, with gaps.
//   - To verify the signature (see Sign) and to refuse without it (reason
//     bad_signature).
//   - To answer each command once it has acted, and to name the command in the
//     state or event that shows the effect.
//   - To send an event or a billing event again, with the same id and content,
//     until it is acknowledged; to keep, also without power, at least a day's events,
//     and every billing event. What a full memory lets go of first is readings of
//     plates, then pictures, then the oldest other events.
package wire
