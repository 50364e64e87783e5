package pictures_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/pictures"
	"gatehouse/devices/storetest"
)

var errDisk = errors.New("disk")

// memory is a Store and a Quarantine in memory; fail, if set, is what it answers.
type memory struct {
	*storetest.Memory
	fail error
	then func() // once, after a picture was looked up
}

func (m *memory) Picture(ctx context.Context, d devices.DeviceID, e devices.EventID) (pictures.Record, error) {
	rec, err := m.Memory.Picture(ctx, d, e)
	if then := m.then; then != nil {
		m.then = nil
		then()
	}
	return rec, err
}

func newMemory(t *testing.T) *memory {
	t.Helper()
	m, ctx := &memory{Memory: storetest.NewMemory()}, t.Context()
	camera := devices.Device{ID: "camera-1", Site: "site-1", Zone: "zone-1", Kind: devices.Camera}
	err := errors.Join(m.AddSite(ctx, devices.Site{ID: "site-1"}, devices.AuditEntry{}), m.AddZone(ctx, devices.Zone{ID: "zone-1", Site: "site-1"}, devices.AuditEntry{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.AddDevice(ctx, camera, devices.AuditEntry{}); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *memory) AddPicture(ctx context.Context, r pictures.Record) (devices.Revision, error) {
	if m.fail != nil {
		return 0, m.fail
	}
	return m.Memory.AddPicture(ctx, r)
}

func (m *memory) Quarantine(ctx context.Context, q devices.Quarantined) error {
	if m.fail != nil {
		return m.fail
	}
	return m.Memory.Quarantine(ctx, q)
}

// kept are the quarantined messages, newest first.
func (m *memory) kept() []devices.Quarantined {
	list, _ := m.Quarantined(context.Background(), 0)
	return list
}

// rows are the pictures that are there, newest first.
func (m *memory) rows() []pictures.Found {
	list, _ := m.Pictures(context.Background(), pictures.Query{})
	return list
}

// happens has the camera say events.
func (m *memory) happens(t *testing.T, ids ...devices.EventID) {
	t.Helper()
	for _, id := range ids {
		if _, _, err := m.AddEvent(t.Context(), devices.Event{Device: "camera-1", ID: id, Site: "site-1", Type: "snapshot"}); err != nil {
			t.Fatal(err)
		}
	}
}

type house struct {
	t       *testing.T
	dir     string
	store   *memory
	p       *pictures.Pictures
	changed []devices.EventID
	keep    pictures.Retention
	bytes   int64
	pixels  int64
	now     time.Time // of the pictures, if it is set
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: filepath.Join(t.TempDir(), "pictures"), store: newMemory(t), now: day(0), bytes: 100_000, pixels: 10_000}
	h.open()
	return h
}

// limits opens it anew with others.
func (h *house) limits(bytes, pixels int64) {
	h.t.Helper()
	h.bytes, h.pixels = bytes, pixels
	h.open()
}

func (h *house) open() {
	h.t.Helper()
	p, err := pictures.New(pictures.Deps{
		Store: h.store, Quarantine: h.store, Dir: h.dir, MaxBytes: h.bytes, MaxPixels: h.pixels,
		Changed:   func(r pictures.Record, _ devices.Revision) { h.changed = append(h.changed, r.Event) },
		Retention: h.keep, Now: func() time.Time { return h.now },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.p = p
}

func picture(t *testing.T, width int, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, 50))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// day is so many days after the first.
func day(n int) time.Time { return time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

func report(e devices.EventID, payload []byte) devices.Report {
	return devices.Report{Site: "site-1", Device: "camera-1", Event: e, Topic: "t/picture/" + string(e), Payload: payload,
		Arrived: day(0)}
}

func (h *house) take(reports ...devices.Report) {
	h.t.Helper()
	if err := errors.Join(h.p.Take(h.t.Context(), reports)...); err != nil {
		h.t.Errorf("not owned: %v", err)
	}
}

func (h *house) files() []string {
	h.t.Helper()
	var names []string
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return names
}

func (h *house) read(e devices.EventID) []byte {
	h.t.Helper()
	_, f, err := h.p.Open(h.t.Context(), "camera-1", e)
	if err != nil {
		h.t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		h.t.Fatal(err)
	}
	return got
}

func TestPictureIsStoredOnceAndReadBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bytes1 := picture(t, 80, 10)
	h.store.happens(t, "e1", "e2")
	h.take(report("e1", bytes1))
	h.take(report("e1", bytes1), report("e2", bytes1))
	if got := h.read("e2"); !bytes.Equal(got, bytes1) {
		t.Errorf("%d bytes came back of %d", len(got), len(bytes1))
	}
	r := h.store.rows()[0]
	if r.Width != 80 || r.Height != 50 || r.Size != int64(len(bytes1)) || r.Site != "site-1" {
		t.Errorf("record %+v", r)
	}
	if n := len(h.files()); n != 1 {
		t.Errorf("%d files for the same bytes, want 1", n)
	}
	if len(h.changed) != 2 {
		t.Errorf("told of %v, want e1 and e2 once each", h.changed)
	}
}

func TestPictureOfAnEventThatIsNotKnownYetIsKeptInSilence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.take(report("unknown", picture(t, 80, 10)))
	if len(h.changed) != 0 || len(h.store.rows()) != 1 {
		t.Errorf("told %v, %d rows", h.changed, len(h.store.rows()))
	}
}

func TestWhatIsNoPictureIsQuarantinedAndNeverHoldsUpTheNext(t *testing.T) {
	t.Parallel()
	for says, bad := range map[string]devices.Report{
		"1 to 100000":     report("e1", nil),
		"100001 bytes":    report("e1", bytes.Repeat([]byte{0xff}, 100_001)),
		"not a JPEG":      report("e1", []byte("hello")),
		"not a JPEG pict": report("e1", picture(t, 80, 10)[:20]),
		"pixels":          report("e1", picture(t, 201, 10)),
		"event id":        report("../e1", picture(t, 80, 10)),
	} {
		h := newHouse(t)
		h.take(bad, report("good", picture(t, 80, 10)))
		if len(h.store.kept()) != 1 || !strings.Contains(h.store.kept()[0].Problem, says) {
			t.Errorf("%s: quarantined %+v", says, h.store.kept())
		}
		if len(h.store.rows()) != 1 {
			t.Errorf("%s: %d records, want what followed", says, len(h.store.rows()))
		}
	}
}

func TestAnotherPictureUnderTheSameEventIsAConflict(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := picture(t, 80, 10)
	h.take(report("e1", first), report("e1", picture(t, 80, 200)))
	if len(h.store.kept()) != 1 || !strings.Contains(h.store.kept()[0].Problem, "another picture") {
		t.Errorf("quarantined %+v", h.store.kept())
	}
	if !bytes.Equal(h.read("e1"), first) || len(h.files()) != 1 {
		t.Error("the first picture did not stay")
	}
}

func TestDiskErrorWithholdsTheAnswerFromThereOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if err := os.RemoveAll(filepath.Join(h.dir, "tmp")); err != nil {
		t.Fatal(err)
	}
	answers := h.p.Take(t.Context(), []devices.Report{report("e1", []byte("hello")), report("e2", picture(t, 80, 10)), report("e3", []byte("x"))})
	if answers[0] != nil || answers[1] == nil || answers[2] == nil {
		t.Errorf("answers %v", answers)
	}
	if len(h.store.rows()) != 0 {
		t.Error("a record was made for bytes that are not on disk")
	}
	h.open() // makes the folder again
	h.take(report("e2", picture(t, 80, 10)))
}

func TestStoreErrorWithholdsTheAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.store.fail = errDisk
	for i, err := range h.p.Take(t.Context(), []devices.Report{report("e1", picture(t, 80, 10)), report("e2", []byte("x"))}) {
		if !errors.Is(err, errDisk) {
			t.Errorf("answer %d: %v", i, err)
		}
	}
	h.store.fail = nil
	h.store.happens(t, "e1")
	h.take(report("e1", picture(t, 80, 10)))
	if len(h.changed) != 1 {
		t.Errorf("told %v", h.changed)
	}
}

func TestLostFileComesBackWhenItsPictureIsSentAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	data := picture(t, 80, 10)
	h.take(report("e1", data))
	if err := os.Remove(h.files()[0]); err != nil {
		t.Fatal(err)
	}
	_, _, err := h.p.Open(t.Context(), "camera-1", "e1")
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != devices.Internal {
		t.Errorf("a lost file: %v", err)
	}
	h.take(report("e1", data))
	if !bytes.Equal(h.read("e1"), data) {
		t.Error("it did not come back")
	}
}

func TestMissingPictureIsNotFound(t *testing.T) {
	t.Parallel()
	_, _, err := newHouse(t).p.Open(t.Context(), "camera-1", "none")
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != devices.NotFound {
		t.Error(err)
	}
}

func TestHalfWrittenFilesOfAnEarlierRunAreCleared(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if err := os.WriteFile(filepath.Join(h.dir, "tmp", "picture-1"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.open()
	if left := h.files(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
