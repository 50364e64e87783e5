package served

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Disk is an ext4 file system in an image file. A program on it runs in a mount
// namespace of its own: the kernel unmounts it when the program ends, however it
// ends, and nobody has to clean up.
type Disk struct {
	image string
	mount string // where it is, seen from the namespace
}

// The file system writes by itself only every five minutes: what a program did not
// sync is not on the disk when the power is cut.
const mountAndRun = `mount -t ext4 -o loop,commit=300 "$1" "$2" && shift 2 && exec "$@"`

// NewDisk makes a disk, or skips the test where no image can be mounted.
func NewDisk(t testing.TB, megabytes int) Disk {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount an image")
	}
	for _, tool := range []string{"mkfs.ext4", "unshare", "mount", "losetup"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is needed, and is not installed: %v", tool, err)
		}
	}
	d := Disk{image: filepath.Join(t.TempDir(), "image"), mount: t.TempDir()}
	d.make(t, megabytes)
	before := d.Before(t)
	if out, err := exec.Command(before[0], append(before[1:], "true")...).CombinedOutput(); err != nil { //nolint:gosec,noctx // made above
		t.Skipf("this machine lets nobody mount an image: %v: %s", err, out)
	}
	return d
}

func (d Disk) make(t testing.TB, megabytes int) {
	t.Helper()
	f, err := os.Create(d.image)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(int64(megabytes) << 20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", d.image).CombinedOutput(); err != nil { //nolint:gosec,noctx // a file of this test
		t.Fatalf("mkfs.ext4: %v: %s", err, out)
	}
}

// Before is what runs a program on the disk, once nobody has it any more.
func (d Disk) Before(t testing.TB) []string {
	t.Helper()
	for end := time.Now().Add(Patience); !d.unmounted(); {
		if time.Now().After(end) {
			t.Fatal("the disk is not unmounted")
		}
		<-time.After(2 * time.Millisecond)
	}
	return []string{"unshare", "--mount", "--propagation", "private", "sh", "-c", mountAndRun, "sh", d.image, d.mount}
}

func (d Disk) unmounted() bool {
	out, err := exec.Command("losetup", "--noheadings", "--associated", d.image).Output() //nolint:gosec,noctx // a file of this test
	return err == nil && len(out) == 0
}

// Dir is the data folder on it, seen from a program that Before runs.
func (d Disk) Dir() string { return d.mount + "/data" }

// Seen is the path of a file on the disk, for those outside of the namespace, as
// long as the program runs.
func (d Disk) Seen(s *Server, name string) string {
	return fmt.Sprintf("/proc/%d/root%s/%s", s.PID(), d.mount, name)
}

// Copied is the disk as it is at this instant: what is in the file, without what
// the file system still has in memory. Freeze the program before.
func (d Disk) Copied(t testing.TB) Disk {
	t.Helper()
	c := Disk{image: filepath.Join(t.TempDir(), "image"), mount: t.TempDir()}
	if out, err := exec.Command("cp", "--sparse=always", d.image, c.image).CombinedOutput(); err != nil { //nolint:gosec,noctx // files of this test
		t.Fatalf("cp: %v: %s", err, out)
	}
	return c
}

// Fill takes all the space that is left on the disk of a program, and gives what
// frees it.
func (d Disk) Fill(t testing.TB, s *Server) (free func()) {
	t.Helper()
	f, err := os.Create(d.Seen(s, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // as long as it is open the disk is mounted
	for size := 1 << 20; size >= 1; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := errors.Join(f.Truncate(0), f.Sync(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
}
