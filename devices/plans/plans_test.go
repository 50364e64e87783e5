package plans_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/plans"
	"gatehouse/devices/plans/storetest"
)

func TestMemoryPassesTheSuiteOfStores(t *testing.T) {
	t.Parallel()
	storetest.RunStoreTests(t, func(*testing.T) plans.Store { return &storetest.Memory{InService: inService} })
}

func inService(id devices.DeviceID) (devices.SiteID, bool) {
	site, ok := storetest.Devices[id]
	return site, ok
}

// property has the devices of the suite.
type property struct{}

func (property) Site(id devices.SiteID) (devices.Site, error) {
	if id != "site-1" && id != "site-2" {
		return devices.Site{}, &devices.Error{Op: "site", Code: devices.NotFound}
	}
	return devices.Site{ID: id}, nil
}

func (property) Registered(id devices.DeviceID) (devices.Device, bool) {
	site, ok := storetest.Devices[id]
	return devices.Device{ID: id, Site: site}, ok
}

var manager = devices.Actor{Kind: devices.ActorOperator, ID: "1", Name: "Li"}

type house struct {
	t     *testing.T
	dir   string
	store *storetest.Memory
	*plans.Service
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: filepath.Join(t.TempDir(), "plans"), store: &storetest.Memory{InService: inService}}
	var err error
	h.Service, err = plans.New(plans.Deps{Store: h.store, Dir: h.dir, Registry: property{}, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }})
	must(t, err)
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// drawn is a picture of a size.
func drawn(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.Bytes()
}

func (h *house) make(site devices.SiteID, picture []byte) plans.Plan {
	h.t.Helper()
	p, err := h.Create(h.t.Context(), manager, site, "Ground floor", picture)
	must(h.t, err)
	return p
}

// files are the names of the pictures that are there.
func (h *house) files() (names []string) {
	h.t.Helper()
	list, err := os.ReadDir(h.dir)
	must(h.t, err)
	for _, f := range list {
		if !f.IsDir() {
			names = append(names, f.Name())
		}
	}
	return names
}

// refused wants an error with a code and a field that says something.
func refused(t *testing.T, err error, code devices.Code, field, says string) {
	t.Helper()
	var e *devices.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field || !strings.Contains(e.Message, says) {
		t.Errorf("%v, want %s of %q with %q", err, code, field, says)
	}
}

func TestPictureOfAPlanComesBackAsItWas(t *testing.T) {
	t.Parallel()
	h, data := newHouse(t), drawn(t, 120, 80)
	p := h.make("site-1", data)
	got, f, err := h.Open(t.Context(), p.ID)
	must(t, err)
	defer f.Close()
	read, err := io.ReadAll(f)
	must(t, err)
	if !bytes.Equal(read, data) || got.Picture.Width != 120 || got.Picture.Height != 80 || got.Picture.Format != plans.PNG || got.Revision != 1 {
		t.Errorf("%d bytes of %+v", len(read), got.Picture)
	}
}

func TestPinsAreKeptAsTheyWerePlaced(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.make("site-1", drawn(t, 120, 80))
	pins := []plans.Pin{{Device: "gate-2", X: 1, Y: 0, Turn: 359}, {Device: "gate-1", X: 0.123456789, Y: 0.5, Turn: plans.NoTurn}}
	p, err := h.Change(t.Context(), manager, p.ID, p.Revision, plans.Draft{Name: " Cellar ", Pins: pins})
	must(t, err)
	want := []plans.Pin{{Device: "gate-1", X: 0.12346, Y: 0.5, Turn: plans.NoTurn}, pins[0]}
	if p.Name != "Cellar" || len(p.Pins) != 2 || p.Pins[0] != want[0] || p.Pins[1] != want[1] || p.Revision != 2 {
		t.Errorf("%+v", p)
	}
	said := h.store.Audit[len(h.store.Audit)-1]
	for _, part := range []string{`"placed":["gate-1","gate-2"]`, `"before":{"devices":0,"name":"Ground floor"}`} {
		if !strings.Contains(said.Detail, part) {
			t.Errorf("the trail says %s, want %s in it", said.Detail, part)
		}
	}
}

func TestChangeOfAnOlderRevisionIsAConflictAndLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.make("site-1", drawn(t, 120, 80))
	_, err := h.Change(t.Context(), manager, p.ID, p.Revision, plans.Draft{Name: "Theirs"})
	must(t, err)
	_, err = h.Change(t.Context(), manager, p.ID, p.Revision, plans.Draft{Name: "Mine"})
	refused(t, err, devices.Conflict, "base", "revision 2")
	_, err = h.SetPicture(t.Context(), manager, p.ID, p.Revision, drawn(t, 90, 90))
	refused(t, err, devices.Conflict, "base", "read it anew")
	refused(t, h.Remove(t.Context(), manager, p.ID, p.Revision), devices.Conflict, "base", "read it anew")
	if got, err := h.Get(t.Context(), p.ID); err != nil || got.Name != "Theirs" || len(h.files()) != 1 {
		t.Errorf("%+v, %v, files %v", got, err, h.files())
	}
}

func TestWrongPinsAreRefusedByNameAndChangeNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.make("site-1", drawn(t, 120, 80))
	good := plans.Pin{Device: "gate-1", X: 0.5, Y: 0.5, Turn: 0}
	for field, c := range map[string]struct {
		wrong plans.Pin
		says  string
	}{
		"pins[1].x":      {plans.Pin{Device: "gate-2", X: 1.01, Y: 0.5}, "0 to 1"},
		"pins[1].y":      {plans.Pin{Device: "gate-2", X: 0.5, Y: math.NaN()}, "0 to 1"},
		"pins[1].turn":   {plans.Pin{Device: "gate-2", X: 0.5, Y: 0.5, Turn: 360}, "0 to 359"},
		"pins[1].device": {plans.Pin{Device: "gate-3", X: 0.5, Y: 0.5}, "not in service at the site"},
	} {
		_, err := h.Change(t.Context(), manager, p.ID, 1, plans.Draft{Name: "n", Pins: []plans.Pin{good, c.wrong}})
		refused(t, err, devices.Invalid, field, c.says)
	}
	_, err := h.Change(t.Context(), manager, p.ID, 1, plans.Draft{Name: "n", Pins: []plans.Pin{good, good}})
	refused(t, err, devices.Invalid, "pins[1].device", "twice")
	_, err = h.Change(t.Context(), manager, p.ID, 1, plans.Draft{Name: "n", Pins: make([]plans.Pin, plans.MaxPins+1)})
	refused(t, err, devices.Invalid, "pins", "divide it")
	for _, name := range []string{"", " ", strings.Repeat("层", plans.MaxName+1), "a\nb"} {
		_, err := h.Change(t.Context(), manager, p.ID, 1, plans.Draft{Name: name})
		refused(t, err, devices.Invalid, "name", "Ground floor")
	}
	if got, err := h.Get(t.Context(), p.ID); err != nil || got.Revision != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFileLeavesWithTheLastPlanThatShowsIt(t *testing.T) {
	t.Parallel()
	h, ctx, data := newHouse(t), t.Context(), drawn(t, 120, 80)
	one, two := h.make("site-1", data), h.make("site-2", data)
	if len(h.files()) != 1 {
		t.Fatalf("the same picture lies there as %v", h.files())
	}
	must(t, h.Remove(ctx, manager, one.ID, 1))
	if len(h.files()) != 1 {
		t.Fatal("the picture of the other plan is gone")
	}
	two, err := h.SetPicture(ctx, manager, two.ID, 1, drawn(t, 90, 90))
	must(t, err)
	if len(h.files()) != 1 {
		t.Errorf("after another picture: %v", h.files())
	}
	must(t, h.Remove(ctx, manager, two.ID, two.Revision))
	if len(h.files()) != 0 {
		t.Errorf("left: %v", h.files())
	}
}

func TestPlanThatCannotBeKeptLeavesNoFileAndNoOtherLosesItsOwn(t *testing.T) {
	t.Parallel()
	h, ctx, errDisk := newHouse(t), t.Context(), errors.New("disk")
	p := h.make("site-1", drawn(t, 120, 80))
	h.store.Fail = errDisk
	for _, data := range [][]byte{drawn(t, 120, 80), drawn(t, 99, 99)} {
		if _, err := h.Create(ctx, manager, "site-1", "New", data); !errors.Is(err, errDisk) {
			t.Errorf("made: %v", err)
		}
		if _, err := h.SetPicture(ctx, manager, p.ID, 1, data); !errors.Is(err, errDisk) {
			t.Errorf("set: %v", err)
		}
	}
	if err := h.Remove(ctx, manager, p.ID, 1); !errors.Is(err, errDisk) {
		t.Errorf("removed: %v", err)
	}
	if len(h.files()) != 1 {
		t.Errorf("files %v", h.files())
	}
	_, f, err := h.Open(ctx, p.ID)
	must(t, err)
	must(t, f.Close())
}

func TestMissingSiteAndMissingPlanAreNotFound(t *testing.T) {
	t.Parallel()
	h, ctx := newHouse(t), context.Background()
	_, err := h.Create(ctx, manager, "nowhere", "n", drawn(t, 120, 80))
	_, _, opened := h.Open(ctx, "none")
	_, changed := h.Change(ctx, manager, "none", 1, plans.Draft{Name: "n"})
	for _, err := range []error{err, opened, changed, h.Remove(ctx, manager, "none", 1), h.Order(ctx, manager, "nowhere", nil)} {
		if devices.CodeOf(err) != devices.NotFound {
			t.Errorf("%v, want not_found", err)
		}
	}
}

func TestLostPictureIsAnErrorOfTheServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.make("site-1", drawn(t, 120, 80))
	must(t, os.RemoveAll(h.dir))
	if _, _, err := h.Open(t.Context(), p.ID); devices.CodeOf(err) != devices.Internal {
		t.Error(err)
	}
}

func TestSiteHasARightNumberOfPlans(t *testing.T) {
	t.Parallel()
	h, data := newHouse(t), drawn(t, 64, 64)
	for range plans.MaxPlans {
		h.make("site-1", data)
	}
	_, err := h.Create(t.Context(), manager, "site-1", "One more", data)
	refused(t, err, devices.Invalid, "site", "remove one first")
	h.make("site-2", data)
}

func TestPhotographIsAPlanToo(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 100, 70)), nil))
	p, err := plans.Examine(b.Bytes())
	if err != nil || p.Format != plans.JPEG || p.Width != 100 || p.Height != 70 {
		t.Errorf("%+v, %v", p, err)
	}
}
