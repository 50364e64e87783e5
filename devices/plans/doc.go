// Package plans keeps site plans: pictures of a site with the places of its devices on them.
//
// A plan is of one site, which may have several in an order. Its picture lies on disk under the
// name of its SHA-256; the plan and its pins are in the store. The package promises:
//
//   - A picture is what its bytes say: PNG, JPEG, WebP or SVG, within limits of bytes and pixels.
//     Only headers are looked at, nothing is decoded. What is refused is told with the reason.
//   - An SVG that could do anything but be drawn (a script, a handler, foreign content, another
//     file, entities) is refused. Whoever serves one still has it shown as a picture only.
//   - A plan never names a file that is not on disk: bytes first, durably, then the record.
//     An end of the program in between leaves a file that no plan names.
//   - Two people who edit one plan do not overwrite each other: a change names the revision that
//     it was made of, and is a Conflict if the plan has another one by now.
//   - A pin is of a device that is in service at the plan's site. One that is retired or goes to
//     another site leaves, one that takes its place at the site stands where it stood.
//   - Every change has one entry in the audit trail, in the same transaction.
package plans
