// Package arbiter decides what an opening is to be: which of the layers that were
// put on it rules, what would follow if that were released, and which momentary
// orders it lets through. It is pure and knows nothing of devices, clocks or disks.
//
// # Layers
//
// From the strongest to the weakest:
//
//	fire      消防联动  a fire group is released
//	lockdown  封控      a device, a zone or a whole site is locked down
//	hold      人工保持  somebody holds an opening open or closed, perhaps until a time
//	schedule  时间表    a timetable holds it
//
// Each is set and released by itself. Releasing one falls back to what lies below,
// and with none the opening is controlled: it opens for a moment when it is told
// to. Such a momentary order never cancels a layer; Stack.Refuses says which layer
// refuses it.
//
// # Openings
//
// What can be open or closed by itself: a gate, or one direction of a turnstile.
//
// # Order
//
// A Book holds the settings of everything. Every Change has a revision; of changes
// under one key the highest counts. So the same changes make the same Book in
// whatever order and however often they come.
package arbiter
