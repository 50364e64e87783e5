// Package operators knows the people who work with the platform: their accounts,
// their roles, their sessions, and the tickets with which their browsers reach
// the broker.
//
// The web adapter asks everything of Service; the broker's authorizer redeems
// Tickets. The package promises:
//
//   - Nobody exists at first. A setup token (128 random bits, 24 h, five wrong
//     attempts a minute) creates the first administrator, once. It is where SetupTokens
//     says, so that whoever is on the server's machine can make a new one meanwhile.
//
//   - What people choose is hashed with argon2id, one hash at a time, so that
//     signing in never takes the whole machine; beyond a short queue the answer
//     is Throttled. Passwords have 12 to 128 characters and are not those that
//     everybody tries first.
//
//   - Accounts are made by an administrator, with a first password of 100 random bits
//     that is shown once, ends after seven days, and that its owner has to change before anything else. A reset
//     gives such a password, too. Shutting an account and a reset end its sessions at once, a
//     change of the password its other ones; there is always an administrator who can sign in.
//
//   - A second factor is a program that shows codes (RFC 6238: SHA-1, six digits, 30 s). A code
//     is taken once, and 30 s early or late; ten codes of 80 random bits stand in for it,
//     each once, stored as SHA-256; its secret is stored sealed. After 100 wrong codes without a right
//     one only those ten count, until the password is reset. Which roles need one is the
//     administrators' decision; at first it is every role that may command.
//
//   - Fresh is true for five minutes after a sign-in or a Prove, which gives the session
//     another token (OWASP ASVS 7.2.4); the one before counts for five more seconds, without the proof.
//     Nobody proves anything while the store is away.
//
//   - An unknown name, a wrong password and a disabled account get the same answer
//     at the same cost. Failures of an account or of an address make the next
//     attempt wait, at most a minute; nothing is locked for good, and a success
//     starts again for its account, not for others behind the same address. Whoever guesses from
//     elsewhere does not keep out somebody who signed in from their address before.
//
//   - A session's token is 256 random bits; the store has its SHA-256. A session
//     lives 12 hours; of whoever may change rights or manage the broker, in an own
//     role too, it ends after 15 idle minutes. Authenticate never writes, and answers
//     from memory while the store is away.
//
//   - When Logout returns, the session is refused, no ticket of it is taken, and
//     every claim of its tickets is not Valid any more.
//
//   - A ticket to try the broker gives no right to watch, one to watch none to try, and
//     what it let in is not Valid once its person may not manage the broker.
//
//   - A ticket is good for one CONNECT within 60 seconds, and no live connection outlasts
//     an account that is finished: when its password has to be changed or its role needs a
//     second factor that it does not have, its claims are not Valid.
//
//   - An API token lets a program use some rights of whoever made it, as these are at that moment, for at most
//     a year. It is 256 random bits with a checksum; the store has its SHA-256. When Revoke returns, it is refused.
//
//   - A booth is a browser that guards share: each signs in there with a PIN, for as long as they use it, with
//     the rights of a guard at most, and has proved nothing. Five wrong PINs, and the password is needed.
//
//   - A role counts within its person's Scope: at some sites and zones, in some hours. Whoever is limited to a
//     part has no rights over the property as a whole, and an administrator is not limited. Nobody gives, or takes
//     over, rights that they do not have. A change counts for the next request; live connections, and what is
//     ordered and not sent, end within a second of it, and of the end of hours.
//
// Rights are verbs (devices.Verb). A Grant has those of a person, with the scope: see Service.GrantOf and
// Service.Reach. Own roles are kept in memory and in the store; they change in this process only.
package operators
