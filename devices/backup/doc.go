// Package backup makes backups of everything that the server keeps, and reads them again.
//
// A backup is one file, a tar archive that is compressed with gzip and, where a passphrase
// is set, encrypted with age (age-encryption.org/v1). It promises:
//
//   - It is whole or it is not there: written under another name, read back to its last
//     byte and compared with the checksums in it, and only then given its own name.
//   - The database in it is as of one moment, and SQLite found nothing wrong with it. Files
//     that the database names are in it too.
//   - The oldest go when there are more than are kept, and never before the new one is
//     proved. One that fails leaves those that there are.
//   - One is made at a time, every day at a time of day, also after that passed while the
//     server was off; and when somebody asks.
//   - What cannot be read (cut short, changed, another passphrase, no backup at all) is
//     refused with the reason, before anything is put in its place.
//   - Names in an archive lead nowhere but below the folder that it is unpacked into.
//
// It knows nothing of databases: Deps say how to copy one and how to check the copy.
package backup
