package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/pictures"
)

// PictureStore is a store of events and of the pictures that belong to them.
type PictureStore interface {
	devices.Store
	pictures.Store
}

// Beside is what stands beside a store of pictures and has them kept.
type Beside struct {
	Correct func(t *testing.T, passage devices.Event)                     // charges for a passage, and corrects it
	Alarm   func(t *testing.T, id string, of devices.Event, at time.Time) // raises an alarm of an event
	Resolve func(t *testing.T, id string, of devices.Event, at time.Time) // resolves it
}

// RunPictures checks every promise of pictures.Store. open gives a new, empty store, and
// closes it by t.Cleanup if it has to; and what stands beside it.
func RunPictures(t *testing.T, open func(t *testing.T) (PictureStore, Beside)) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s PictureStore, b Beside)
	}{
		{"PictureComesBackAndNeverChanges", pictureComesBack},
		{"PicturesAreSelectedNewestFirst", picturesSelected},
		{"PictureKnowsWhatItBelongsTo", pictureBelongs},
		{"OldestAreDueAndCorrectionsKeepTheirs", picturesDue},
		{"AlarmKeepsItsPictureUntilItIsResolved", alarmKeeps},
		{"RemovedPictureIsKnownAndNotThere", pictureRemoved},
		{"SameBytesAreOneFileUntilTheLastIsRemoved", picturesShare},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, beside := open(t)
			property(t, s)
			c.run(t, s, beside)
		})
	}
}

// shot is a picture that arrived so many minutes after t0.
func shot(d devices.Device, event string, bytes byte, minutes int) pictures.Record {
	return pictures.Record{
		Device: d.ID, Event: devices.EventID(event), Site: d.Site, Hash: [32]byte{bytes}, Size: int64(bytes) * 100, Width: 640, Height: 480,
		ArrivedAt: t0.Add(time.Duration(minutes) * time.Minute),
	}
}

func addShots(t *testing.T, s pictures.Store, list ...pictures.Record) {
	t.Helper()
	for _, r := range list {
		_, err := s.AddPicture(context.Background(), r)
		ok(t, err)
	}
}

func pictureEvents[T any](list []T, of func(T) devices.EventID) (ids []devices.EventID) {
	for _, r := range list {
		ids = append(ids, of(r))
	}
	return ids
}

func foundEvents(t *testing.T, s pictures.Store, q pictures.Query) []devices.EventID {
	t.Helper()
	found := must[[]pictures.Found](t)(s.Pictures(context.Background(), q))
	return pictureEvents(found, func(f pictures.Found) devices.EventID { return f.Event })
}

func dueEvents(t *testing.T, s pictures.Store, before time.Time, limit int) []devices.EventID {
	t.Helper()
	due := must[[]pictures.Record](t)(s.Due(context.Background(), before, limit))
	return pictureEvents(due, func(r pictures.Record) devices.EventID { return r.Event })
}

func pictureComesBack(t *testing.T, s PictureStore, _ Beside) {
	ctx := context.Background()
	want := shot(registered[0], "e1", 1, 0)
	addShots(t, s, want, want)
	equal(t, "record", must[pictures.Record](t)(s.Picture(ctx, "g1", "e1")), want)
	other := want
	other.Hash[0] = 9
	_, err := s.AddPicture(ctx, other)
	wantCode(t, err, devices.Conflict)
	stranger := want
	stranger.Device = "none"
	_, err = s.AddPicture(ctx, stranger)
	wantCode(t, err, devices.NotFound)
	_, err = s.Picture(ctx, "g1", "none")
	wantCode(t, err, devices.NotFound)
}

func picturesSelected(t *testing.T, s PictureStore, _ Beside) {
	addShots(t, s, shot(registered[0], "e1", 1, 0), shot(registered[1], "e2", 2, 1), shot(registered[2], "e3", 3, 2), shot(registered[0], "e4", 4, 2))
	ordered := devices.Event{
		Device: "g1", ID: "e1", Site: "s1", Zone: registered[0].Zone, Seq: 1, Type: "snapshot", Command: "cmd-7", DeviceTime: t0, ArrivedAt: t0,
	}
	addEvent(t, s, ordered)
	read := plateEvent("p1", registered[0], "粤B12345", 90, 0)
	read.Snapshot = "e4"
	addEvent(t, s, read)
	for _, test := range []struct {
		name string
		q    pictures.Query
		want []devices.EventID
	}{
		{"all", pictures.Query{}, []devices.EventID{"e4", "e3", "e2", "e1"}},
		{"limit", pictures.Query{Limit: 1}, []devices.EventID{"e4"}},
		{"before", pictures.Query{Before: pictures.Key{Device: "g1", Event: "e4"}}, []devices.EventID{"e3", "e2", "e1"}},
		{"site", pictures.Query{Site: registered[2].Site}, []devices.EventID{"e3"}},
		{"device", pictures.Query{Device: "g1"}, []devices.EventID{"e4", "e1"}},
		{"command", pictures.Query{Command: "cmd-7"}, []devices.EventID{"e1"}},
		{"plate", pictures.Query{Plate: "b 123"}, []devices.EventID{"e4"}},
		{"span", pictures.Query{From: t0.Add(time.Minute), To: t0.Add(2 * time.Minute)}, []devices.EventID{"e2"}},
		{"zone", pictures.Query{Zone: registered[1].Zone}, []devices.EventID{"e2"}},
		{"nothing", pictures.Query{Zone: "none"}, nil},
		{"out of reach", pictures.Query{Within: &devices.Reach{}}, nil},
		{"a site in reach", pictures.Query{Within: reaches(devices.Place{Site: registered[2].Site})}, []devices.EventID{"e3"}},
		{"a zone in reach", pictures.Query{Within: reaches(placeOf(registered[1]))}, []devices.EventID{"e2"}},
	} {
		equal(t, test.name, foundEvents(t, s, test.q), test.want)
	}
}

func pictureBelongs(t *testing.T, s PictureStore, _ Beside) {
	camera, gate := registered[0], registered[1]
	addShots(t, s, shot(camera, "e1", 1, 0))
	taken := devices.Event{
		Device: camera.ID, ID: "e1", Site: camera.Site, Zone: camera.Zone, Seq: 1, Type: "snapshot", Command: "cmd-7", DeviceTime: t0, ArrivedAt: t0,
	}
	addEvent(t, s, taken)
	through := passage("e1", gate, t0)
	through.Camera = camera.ID
	addEvent(t, s, through)
	found := must[[]pictures.Found](t)(s.Pictures(context.Background(), pictures.Query{}))
	if len(found) != 1 || found[0].Of == nil || found[0].Passage == nil {
		t.Fatalf("found %+v, want one picture with its event and passage", found)
	}
	equal(t, "command", found[0].Of.Command, devices.CommandID("cmd-7"))
	equal(t, "passage", found[0].Passage.Device, gate.ID)
	equal(t, "plate", found[0].Plate, "粤B12345")
	equal(t, "kept", found[0].Kept, false)
}

func picturesDue(t *testing.T, s PictureStore, b Beside) {
	addShots(t, s, shot(registered[0], "e1", 1, 0), shot(registered[0], "e2", 2, 1), shot(registered[0], "e3", 3, 2), shot(registered[0], "e4", 4, 3))
	charged := passage("e2", registered[1], t0)
	addEvent(t, s, charged)
	b.Correct(t, charged)
	late := t0.Add(3 * time.Minute)
	equal(t, "due", dueEvents(t, s, late, 0), []devices.EventID{"e1", "e3"})
	equal(t, "due, limited", dueEvents(t, s, late, 1), []devices.EventID{"e1"})
	for _, f := range must[[]pictures.Found](t)(s.Pictures(context.Background(), pictures.Query{})) {
		equal(t, "kept "+string(f.Event), f.Kept, f.Event == "e2")
	}
	after := must[[]pictures.Record](t)(s.Records(context.Background(), pictures.Key{Device: "g1", Event: "e2"}, 1))
	equal(t, "records after e2", after, []pictures.Record{shot(registered[0], "e3", 3, 2)})
	u := must[pictures.Usage](t)(s.Usage(context.Background()))
	equal(t, "usage", u, pictures.Usage{Pictures: 4, Bytes: 1000, Oldest: t0})
}

func alarmKeeps(t *testing.T, s PictureStore, b Beside) {
	camera, gate, late := registered[0], registered[1], t0.Add(time.Hour)
	addShots(t, s, shot(camera, "e1", 1, 0), shot(camera, "e2", 2, 1), shot(camera, "e3", 3, 2))
	through := passage("e1", gate, t0)
	through.Camera = camera.ID
	own := plateEvent("e2", camera, "粤B12345", 90, 0)
	elsewhere := passage("e3", gate, t0) // the same id, but it names no camera
	elsewhere.Camera = ""
	for i, e := range []devices.Event{through, own, elsewhere} {
		addEvent(t, s, e)
		b.Alarm(t, []string{"alarm-1", "alarm-2", "alarm-3"}[i], e, t0)
	}
	equal(t, "due", dueEvents(t, s, late, 0), []devices.EventID{"e3"})
	b.Resolve(t, "alarm-1", through, late)
	equal(t, "due", dueEvents(t, s, late, 0), []devices.EventID{"e1", "e3"})
	for _, f := range must[[]pictures.Found](t)(s.Pictures(context.Background(), pictures.Query{})) {
		want := map[devices.EventID]string{"e1": "alarm-1", "e2": "alarm-2"}[f.Event]
		equal(t, "alarm of "+string(f.Event), f.Alarm, want)
		equal(t, "kept "+string(f.Event), f.Kept, f.Event == "e2")
	}
}

func pictureRemoved(t *testing.T, s PictureStore, _ Beside) {
	ctx, at := context.Background(), t0.Add(time.Hour)
	addShots(t, s, shot(registered[0], "e1", 1, 0), shot(registered[0], "e2", 2, 1))
	gone := []pictures.Key{{Device: "g1", Event: "e1"}}
	free := must[[][32]byte](t)(s.Remove(ctx, gone, at))
	equal(t, "free", free, [][32]byte{{1}})
	equal(t, "removed again", len(must[[][32]byte](t)(s.Remove(ctx, gone, at.Add(time.Hour)))), 0)
	r := must[pictures.Record](t)(s.Picture(ctx, "g1", "e1"))
	equal(t, "removed at", r.Removed, at)
	equal(t, "there", foundEvents(t, s, pictures.Query{}), []devices.EventID{"e2"})
	equal(t, "after it", len(foundEvents(t, s, pictures.Query{Before: pictures.Key{Device: "g1", Event: "e1"}})), 0)
	equal(t, "due", dueEvents(t, s, at, 0), []devices.EventID{"e2"})
	equal(t, "usage", must[pictures.Usage](t)(s.Usage(ctx)), pictures.Usage{Pictures: 1, Bytes: 200, Oldest: t0.Add(time.Minute)})
	_, err := s.Remove(ctx, []pictures.Key{{Device: "g1", Event: "none"}}, at)
	wantCode(t, err, devices.NotFound)
}

func picturesShare(t *testing.T, s PictureStore, _ Beside) {
	ctx := context.Background()
	addShots(t, s, shot(registered[0], "e1", 1, 0), shot(registered[0], "e2", 1, 1), shot(registered[1], "e1", 1, 2))
	equal(t, "bytes", must[pictures.Usage](t)(s.Usage(ctx)).Bytes, int64(100))
	hashes := [][32]byte{{1}, {2}}
	free := must[[][32]byte](t)(s.Remove(ctx, []pictures.Key{{Device: "g1", Event: "e1"}, {Device: "g1", Event: "e2"}}, t0))
	equal(t, "free", len(free), 0)
	equal(t, "present", must[map[[32]byte]bool](t)(s.Present(ctx, hashes)), map[[32]byte]bool{{1}: true})
	free = must[[][32]byte](t)(s.Remove(ctx, []pictures.Key{{Device: registered[1].ID, Event: "e1"}}, t0))
	equal(t, "free", free, [][32]byte{{1}})
	equal(t, "present", len(must[map[[32]byte]bool](t)(s.Present(ctx, hashes))), 0)
}
