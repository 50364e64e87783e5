// Package pictures keeps the pictures of cameras: bytes on disk under the name of
// their SHA-256, a record of each in the store.
//
// The program gives it picture messages (Take), the console reads them (Open). It
// promises:
//
//   - Take answers nil only for what is durable: bytes written to a temporary file,
//     synced, renamed, the folder synced, then the record. A disk that is full or
//     broken is an error, so the camera keeps the picture and sends it again.
//   - A picture belongs to one event of one device. The same picture again changes
//     nothing; another one under the same event is quarantined as a conflict.
//   - What is no JPEG, too large in bytes or in pixels, or without a right event id
//     is quarantined, and never holds up what follows. Only the header is looked at:
//     nothing is decoded.
//   - The same bytes are stored once, however many events they belong to. A file
//     that was lost comes back when its picture is sent again.
//   - Run removes what is older than Retention.Age and, while all take more than
//     Retention.Bytes, the oldest, but never what the store keeps. By age it removes nothing
//     in the hour after its start or after the clock was set. A picture is noted as
//     removed before its file is: an end of the program in between leaves a file
//     without a record, which the next Run removes, and never a record that claims a
//     file. A removed picture that is sent again stays removed. Where most records have no
//     file, or most files no record, and they are more than a crash leaves, the folder is
//     another one (a disk that was not mounted): then none of them is removed or noted.
//   - Thumbnail decodes a picture once, one picture at a time, within ThumbnailMemory, and
//     keeps what it made beside the picture.
package pictures
