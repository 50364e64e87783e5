// Package access lets clients into a broker by the files that Mosquitto's users
// have: a password file made by mosquitto_passwd, and an access control list with
// user, topic and pattern lines.
//
//	a, err := access.Open(access.Options{PasswordFile: "passwords", ACLFile: "acl", Log: log})
//	...
//	b, err := broker.New(ctx, broker.Options{Authorizer: a})
//	...
//	go a.Follow(ctx, hangup, b) // a changed file acts on clients that are connected
//
// What it promises:
//
//   - A filter is granted if one rule that allows reading covers all of it and no
//     rule that denies has a topic in common with it. It is never granted and
//     thinned out. Rights on $share/group/filter, $queue/filter and $local/filter
//     are those of filter. What begins with "$" needs a rule that begins so.
//   - A file that cannot be understood is refused as a whole, with its line and what
//     would be right. While a file is broken, the last good state stays in force.
//     An access control list without rules allows nothing.
//   - No name of a user or client widens a pattern: see [Rights of names].
//   - Whoever guesses learns nothing from the time of an answer: each password costs
//     the same, whether there is such a user or not, and at most two are looked at
//     at once.
//
// # Rights of names
//
// In a pattern %c stands for the client id and %u for the user name. A pattern
// gives nothing to a client whose name, where the pattern uses it, is empty, holds
// one of + # / %, or begins with $. A client id that the broker assigns is not
// known when rights are made: %c gives nothing for it. A user name that nobody has
// checked counts as none. If a pattern that denies gives nothing to a client, no
// pattern allows it anything; only %u denies nothing to those without a user name.
//
// DESIGN.md says where this departs from Mosquitto, and why.
package access
