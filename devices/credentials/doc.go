// Package credentials lets devices and foreign programs into the broker: it makes
// their secrets, checks them, and takes them back.
//
// The console issues and revokes; the broker's authorizer asks Check at every
// CONNECT; Control asks CommandKey for each command that it signs. The package
// promises:
//
//   - A secret is 256 random bits, made here, shown once; the store has its
//     SHA-256. A device's command key is sealed under the server's data key and
//     opens for that device only.
//   - When IssueDevice, Revoke or RefuseCertificate returns, every earlier answer of Check for that
//     user name is not Valid any more, and whoever asked OnChange has been told.
//   - A device that people admitted so is let in by a certificate of the owner's
//     authorities in its name (broker/certs verifies it first); the certificate that
//     it showed last is remembered, also when it was no use.
//   - An unknown user name and a wrong password get the same answer, compared in
//     constant time.
//   - Thousands of devices that come back at once are answered from memory, and no
//     CONNECT waits for a write: times of last use are stored a few per second, at
//     most one per credential and minute.
//
// See DESIGN.md for the reasons.
package credentials
