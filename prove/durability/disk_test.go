package durability

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gatehouse/prove"
)

// disk is an ext4 file system in an image file. A broker on it runs in a mount
// namespace of its own: the kernel unmounts it when the broker ends, however it
// ends, and nobody has to clean up.
type disk struct {
	image string
	mount string // where it is, seen from the namespace
}

// The file system writes by itself only every five minutes: what a broker did not
// sync is not on the disk when the power is cut.
const mountAndRun = `mount -t ext4 -o loop,commit=300 "$1" "$2" && shift 2 && exec "$@"`

// newDisk makes a disk, or skips the test where no image can be mounted.
func newDisk(t *testing.T, megabytes int) disk {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount an image")
	}
	for _, tool := range []string{"mkfs.ext4", "unshare", "mount", "losetup"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is needed, and is not installed: %v", tool, err)
		}
	}
	d := disk{image: filepath.Join(t.TempDir(), "image"), mount: t.TempDir()}
	d.make(t, megabytes)
	before := d.before()
	if out, err := exec.Command(before[0], append(before[1:], "true")...).CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody mount an image: %v: %s", err, out)
	}
	return d
}

func (d disk) make(t *testing.T, megabytes int) {
	t.Helper()
	f, err := os.Create(d.image)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(int64(megabytes) << 20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", d.image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v: %s", err, out)
	}
}

// before is what runs a program on the disk.
func (d disk) before() []string {
	return []string{"unshare", "--mount", "--propagation", "private", "sh", "-c", mountAndRun, "sh", d.image, d.mount}
}

// launch is how a broker is started on the disk, once nobody has it any more.
func (d disk) launch(t *testing.T) launch {
	t.Helper()
	prove.Eventually(t, "the disk is unmounted", func() bool {
		out, err := exec.Command("losetup", "--noheadings", "--associated", d.image).Output()
		return err == nil && len(out) == 0
	})
	return launch{dir: d.mount + "/data", before: d.before()}
}

// seen is the path of a file on the disk, for those outside of the namespace, as
// long as the broker runs.
func (d disk) seen(s *server, name string) string {
	return fmt.Sprintf("/proc/%d/root%s/%s", s.PID(), d.mount, name)
}

// copied is the disk as it is at this instant: what is in the file, without what
// the file system still has in memory.
func (d disk) copied(t *testing.T) disk {
	t.Helper()
	c := disk{image: filepath.Join(t.TempDir(), "image"), mount: t.TempDir()}
	if out, err := exec.Command("cp", "--sparse=always", d.image, c.image).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	return c
}
