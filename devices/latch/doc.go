// Package latch keeps which fire groups are released in a small file of its own,
// so that a release outlives a crash, a power cut and a database that does not
// work. File is the devices.Latch of a data folder.
//
// The file is replaced whole and is on the disk when Save returns: a reader finds
// the old content or the new one. A file that cannot be read is an error, never an
// empty one: forgetting a release would close what people leave by.
package latch
