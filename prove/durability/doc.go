// Package durability holds the suites that prove what the broker keeps: they start
// the real binary, as a stranger would, and take it away from under its clients,
// with SIGKILL, power cuts, full and failing disks, and damaged files.
//
// A client here is prove/mqtt, and every client keeps its own truth: what it was
// told is what it is owed. Nothing of the broker's code is used, so nothing that
// the broker believes of itself is believed here.
//
// Some tests need a machine that lets them mount an image or trace a process
// (Linux, root, e2fsprogs, strace). Elsewhere they are skipped, and say so.
package durability
