// Package lobby keeps a list of devices that nobody knows yet, so that an installer
// who mounts them need not type what they say of themselves.
//
// A device that shows unknown credentials is refused, always, and is told nothing.
// While somebody who manages devices has opened the lobby, for at most four hours, the
// broker's authorizer says Knock for it besides. The package promises:
//
//   - What an unknown device says changes nothing but the list: at most 200 entries, 20
//     of one address, 10 new ones a second. What does not fit is counted, and never
//     pushes out what stands there.
//   - Texts of the list are short and printable, whatever was sent.
//   - The lobby shuts by itself, and at a restart. What stands in it can be registered
//     until it is opened again.
//   - An entry becomes a device once.
//
// The list is in memory: devices knock again within seconds, and a disk is nothing that
// strangers should be able to write on.
//
// Refusals remembers besides why the last connection in the name of a known device was
// refused, for whoever mounts it.
package lobby
