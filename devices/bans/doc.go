// Package bans keeps out of the broker whom an administrator banned: a client by its
// identifier, an address or a prefix of addresses, or a user name; with a reason, until a
// time or without an end.
//
// Whoever lets clients into the broker asks Refuses first, and gives each one that it lets
// in the Guard of it. The package promises:
//
//   - A ban acts at once, and is in the store and in the audit trail before it acts; so is
//     what lifts it. After a restart it acts again.
//   - A question costs a few look-ups, however many bans there are; while no ban changes, a
//     Guard costs one atomic load and waits for nobody.
//   - A ban ends by itself at its instant. What is over is told of for 30 days, and forgotten then.
//   - What is refused is counted, and when it was last; the store learns it within ten seconds.
//   - Nobody bans themselves: neither the address that they ask from, nor what consoles
//     come to the broker with.
//   - The broker is all that a ban is about: whoever is banned there reaches the API as before.
package bans
