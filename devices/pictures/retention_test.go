package pictures_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/durable"
	"gatehouse/devices/pictures"
)

// shoot has pictures arrive, one a day from the first day on, each with bytes of its own.
func (h *house) shoot(events ...devices.EventID) (sizes []int64) {
	h.t.Helper()
	for i, e := range events {
		r := report(e, picture(h.t, 60+len(h.store.rows()), uint8(20*i)))
		r.Arrived = day(i)
		h.take(r)
		sizes = append(sizes, int64(len(r.Payload)))
	}
	return sizes
}

func (h *house) tidy() (removed int) {
	h.t.Helper()
	removed, err := h.p.Tidy(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return removed
}

// there are the events of the pictures that are there, oldest first.
func (h *house) there() (events []devices.EventID) {
	for _, f := range slices.Backward(h.store.rows()) {
		events = append(events, f.Event)
	}
	return events
}

func (h *house) wantThere(want ...devices.EventID) {
	h.t.Helper()
	if got := h.there(); !slices.Equal(got, want) {
		h.t.Errorf("there are %v, want %v", got, want)
	}
	if n := len(h.files()); n != len(want) {
		h.t.Errorf("%d files for %d pictures", n, len(want))
	}
}

func TestPicturesThatAreTooOldAreRemovedButForThoseThatAreKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keep.Age = 48 * time.Hour
	h.open()
	h.shoot("e1", "e2", "e3", "e4")
	h.store.AddCorrection("e2")
	h.now = day(4).Add(time.Minute) // e3 is two days and a minute old
	if n := h.tidy(); n != 2 {
		t.Errorf("%d removed, want e1 and e3", n)
	}
	h.wantThere("e2", "e4")
	_, _, err := h.p.Open(t.Context(), "camera-1", "e1")
	if devices.CodeOf(err) != devices.NotFound || !strings.Contains(err.Error(), "removed on 2026-11-25") {
		t.Errorf("a removed picture: %v", err)
	}
}

func TestOldestPicturesMakeRoomAndNoMoreThanThat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sizes := h.shoot("e1", "e2", "e3", "e4")
	h.keep.Bytes = sizes[1] + sizes[2] + sizes[3] + sizes[0]/2
	h.open()
	if n := h.tidy(); n != 1 {
		t.Errorf("%d removed, want the oldest", n)
	}
	h.wantThere("e2", "e3", "e4")
	for _, e := range h.there() {
		h.store.AddCorrection(e)
	}
	h.keep.Bytes = 1
	h.open()
	if n := h.tidy(); n != 0 {
		t.Errorf("%d removed of those that are kept", n)
	}
	h.wantThere("e2", "e3", "e4")
}

func TestRemovedPictureThatIsSentAgainStaysRemoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keep.Age = time.Hour
	h.open()
	data := picture(t, 80, 10)
	h.take(report("e1", data))
	h.now = day(1)
	h.tidy()
	h.take(report("e1", data))
	h.wantThere()
	h.take(report("e1", picture(t, 80, 200)))
	if len(h.store.kept()) != 1 {
		t.Error("another picture under its event is no conflict")
	}
}

func TestPictureThatIsRemovedWhileItIsSentAgainLeavesNoFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keep.Age = time.Hour
	h.open()
	data := picture(t, 80, 10)
	h.take(report("e1", data))
	h.now = day(1)
	h.store.then = func() { h.tidy() }
	h.take(report("e1", data))
	h.wantThere()
}

func TestSharedFileIsRemovedWithItsLastPicture(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keep.Age = 36 * time.Hour
	h.open()
	data := picture(t, 80, 10)
	first, second := report("e1", data), report("e2", data)
	second.Arrived = day(1)
	h.take(first, second)
	h.now = day(2)
	h.tidy()
	h.wantThere("e2")
	if !bytes.Equal(h.read("e2"), data) {
		t.Error("the other picture lost its bytes")
	}
	h.now = day(3)
	h.tidy()
	h.wantThere()
}

// An end of the program between the record and the file, at either side of the two.
func TestAStartRemovesFilesWithoutRecordAndNotesRecordsWithoutFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.shoot("e1", "e2", "e3")
	files := h.files()
	if _, err := h.store.Remove(t.Context(), []pictures.Key{{Device: "camera-1", Event: "e2"}}, day(3)); err != nil {
		t.Fatal(err) // the record is removed, and then the power is cut
	}
	orphan := filepath.Join(filepath.Dir(files[0]), strings.Repeat("ab", 32)+".jpg")
	foreign := filepath.Join(filepath.Dir(files[0]), "notes.txt")
	for _, path := range []string{orphan, foreign} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cutOff, err := durable.Temporary(filepath.Dir(files[0]), []byte("half a small picture"))
	if err != nil {
		t.Fatal(err)
	}
	e3 := h.store.rows()[0]
	if e3.Event != "e3" {
		t.Fatalf("the newest is %s", e3.Event)
	}
	for _, path := range files {
		if strings.Contains(path, hex.EncodeToString(e3.Hash[:])) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.open()
	if err := h.p.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(cutOff); !os.IsNotExist(err) {
		t.Errorf("what a crash left is still there: %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("a file that is none of ours: %v", err)
	}
	if err := os.Remove(foreign); err != nil {
		t.Fatal(err)
	}
	h.wantThere("e1")
	h.read("e1")
}

// A disk that was not mounted, and the database that was not restored with it.
func TestAnotherFolderOrDatabaseCostsNoPicture(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.shoot("e01", "e02", "e03", "e04", "e05", "e06", "e07", "e08", "e09", "e10", "e11", "e12")
	for i := range 190 { // with the twelve more than a crash leaves
		path := filepath.Join(h.dir, "ff", fmt.Sprintf("ff%062d.jpg", i))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	right, whole := h.dir, len(h.files())
	h.dir = filepath.Join(t.TempDir(), "empty")
	h.open()
	if err := h.p.Sweep(t.Context()); !errors.Is(err, pictures.ErrOtherFolder) {
		t.Errorf("an empty folder: %v", err)
	}
	known := h.store
	h.dir, h.store = right, newMemory(t)
	h.open()
	if err := h.p.Sweep(t.Context()); !errors.Is(err, pictures.ErrOtherFolder) || len(h.files()) != whole {
		t.Errorf("an empty database: %v, %d files of %d", err, len(h.files()), whole)
	}
	h.store = known
	h.open()
	if err := h.p.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	h.wantThere("e01", "e02", "e03", "e04", "e05", "e06", "e07", "e08", "e09", "e10", "e11", "e12")
	h.read("e12")
}

func TestRunMakesRoomAsSoonAsAPictureIsTooMuch(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		h.keep.Bytes = 2 * int64(len(picture(t, 61, 20)))
		h.open()
		ended := make(chan error, 1)
		go func() { ended <- h.p.Run(ctx) }()
		synctest.Wait()
		began := time.Now()
		h.shoot("e1", "e2", "e3", "e4")
		synctest.Wait()
		if got := h.there(); len(got) == 0 || len(got) > 2 || got[len(got)-1] != "e4" {
			t.Errorf("there are %v", got)
		}
		if !time.Now().Equal(began) {
			t.Error("it waited")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A computer may start with the clock of another year until its network sets it.
func TestNothingIsTooOldBeforeTheClockHasRunForAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.keep.Age = 48 * time.Hour
		h.open()
		h.shoot("e1")
		h.now = day(2000)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.p.Run(ctx) }()
		time.Sleep(59 * time.Minute)
		synctest.Wait()
		h.wantThere("e1")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		h.wantThere()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func (h *house) thumbnail(e devices.EventID) (image.Config, error) {
	_, f, err := h.p.Thumbnail(h.t.Context(), "camera-1", e)
	if err != nil {
		return image.Config{}, err
	}
	defer f.Close()
	return jpeg.DecodeConfig(f)
}

func TestThumbnailIsMadeOnceFitsAndGoesWithItsPicture(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keep.Age = time.Hour
	h.open()
	h.take(report("e1", picture(t, 200, 10)), report("e2", picture(t, 64, 10)))
	c, err := h.thumbnail("e2")
	if err != nil || c.Width != 64 || c.Height != 50 {
		t.Errorf("a small picture became %d × %d, %v", c.Width, c.Height, err)
	}
	if _, err := h.thumbnail("e1"); err != nil {
		t.Error(err)
	}
	made := h.files()
	if len(made) != 4 {
		t.Fatalf("files %v", made)
	}
	for _, path := range made {
		if strings.Contains(path, ".thumb.") {
			if err := os.WriteFile(path, []byte("as it was"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, f, err := h.p.Thumbnail(t.Context(), "camera-1", "e1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err != nil || string(got) != "as it was" {
		t.Errorf("it was made again: %q, %v", got, err)
	}
	_ = f.Close()
	h.now = day(1)
	h.tidy()
	h.wantThere()
	if _, err := h.thumbnail("e1"); devices.CodeOf(err) != devices.NotFound {
		t.Errorf("of a removed picture: %v", err)
	}
}

func TestLargePictureBecomesAThumbnailOfTheSameShape(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(4<<20, 50_000_000)
	h.take(report("wide", large(t, 1600, 400)), report("high", large(t, 300, 1200)))
	for e, want := range map[devices.EventID][2]int{"wide": {320, 80}, "high": {60, 240}} {
		c, err := h.thumbnail(e)
		if err != nil || c.Width != want[0] || c.Height != want[1] {
			t.Errorf("%s became %d × %d (%v), want %v", e, c.Width, c.Height, err, want)
		}
	}
}

func large(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A few bytes that claim millions of pixels: taken if the limits allow it, but never
// decoded.
func TestPictureThatWouldTakeTooMuchMemoryIsNeverDecoded(t *testing.T) { // alone: all allocations are counted
	h := newHouse(t)
	h.limits(4<<20, 1<<40)
	bomb := large(t, 16, 16)
	size := bytes.Index(bomb, []byte{0xff, 0xc0}) + 5
	copy(bomb[size:], []byte{0xff, 0xff, 0xff, 0xff}) // 65535 × 65535
	progressive := large(t, 16, 16)
	size = bytes.Index(progressive, []byte{0xff, 0xc0})
	progressive[size+1] = 0xc2
	copy(progressive[size+5:], []byte{0x0b, 0xb8, 0x0b, 0xb8}) // 3000 × 3000: 9 million, which would do if it were baseline
	h.take(report("bomb", bomb), report("progressive", progressive))
	before := allocated()
	for _, e := range []devices.EventID{"bomb", "progressive"} {
		_, err := h.thumbnail(e)
		if devices.CodeOf(err) != devices.NotFound || !strings.Contains(err.Error(), "MiB to decode") {
			t.Errorf("%s: %v", e, err)
		}
	}
	if took := allocated() - before; took > 16<<20 {
		t.Errorf("it took %d MiB", took>>20)
	}
	h.limits(4<<20, pictures.DefaultMaxPixels)
	h.take(report("again", bomb))
	if len(h.store.kept()) != 1 {
		t.Error("more pixels than are allowed were taken")
	}
}

func TestDamagedPictureHasNoThumbnailAndIsStillServed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(4<<20, 50_000_000)
	data := large(t, 640, 480)
	data = data[:len(data)/2]
	h.take(report("e1", data))
	if _, err := h.thumbnail("e1"); devices.CodeOf(err) != devices.NotFound {
		t.Errorf("damaged: %v", err)
	}
	if !bytes.Equal(h.read("e1"), data) {
		t.Error("it is not served as it came")
	}
}

// allocated is all that was ever allocated, in bytes.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
