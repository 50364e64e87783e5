// Package journal is the broker's store on disk: a broker.Store in a folder of
// its own, made of a log that only grows at its end.
//
//	j, err := journal.Open(ctx, dir, journal.Options{Log: log})
//	...
//	b, err := broker.New(ctx, broker.Options{Store: j})
//	...
//	err = j.Close()
//
// What it promises:
//
//   - What Apply answered with nil is there after every crash and every power cut,
//     whole and in its order. What it did not answer for is there whole or not at
//     all.
//   - One Apply is one write and one fdatasync, however many changes it has. A
//     store that is not used writes nothing.
//   - A full disk is broker.ErrNoSpace: nothing of that Apply is kept, and the next
//     one works as soon as there is space. Before it gives up it uses the space of
//     what is dead in its own files, for which it keeps a file in reserve. After any
//     other error of the disk nothing is ever acknowledged again; an fsync that
//     failed is never tried a second time.
//   - Its files follow the size of what they hold: at most about twice of it, and a
//     few segments. That is done in small steps beside the traffic.
//   - Damage is never silent. What a crash cuts off at the end of the log was never
//     acknowledged and is dropped; a changed byte, a cut or a missing file in what
//     was acknowledged is a *DamageError when it is opened, with the place and the
//     way out. A form that is newer than this program is refused.
//
// It does not keep two processes from using one folder: whoever opens it does.
// It needs a disk that does not harm the bytes before a place that is being
// written when the power fails, and that keeps what it said it has synced.
//
// DESIGN.md has the form of the files and the reasons.
package journal
