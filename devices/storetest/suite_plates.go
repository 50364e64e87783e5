package storetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/plates"
)

// PlateStore is a store of events that makes readings of them.
type PlateStore interface {
	devices.Store
	plates.Store
}

// RunPlates checks every promise of plates.Store. open gives a new, empty store, and
// closes it by t.Cleanup if it has to.
func RunPlates(t *testing.T, open func(t *testing.T) PlateStore) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s PlateStore)
	}{
		{"EventsWithinTenSecondsAreOneReading", platesMerge},
		{"RepetitionOfAnEventIsNothingNew", plateOnce},
		{"OtherContentOfAPlateIsAConflict", plateConflict},
		{"AnotherCameraOrPlateIsAnotherReading", platesApart},
		{"ReadingsAreSelectedNewestFirst", platesSelected},
		{"PassageBelongsToItsReading", platePassage},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			property(t, s)
			c.run(t, s)
		})
	}
}

// plateEvent is a camera's event so many seconds after t0.
func plateEvent(id string, d devices.Device, plate string, confidence int, seconds float64) devices.Event {
	at := t0.Add(time.Duration(seconds * float64(time.Second)))
	return devices.Event{
		Device: d.ID, ID: devices.EventID(id), Site: d.Site, Zone: d.Zone, Seq: 1, Type: plates.EventType, Plate: plate,
		Confidence: confidence, Colour: "blue", Direction: "in", DeviceTime: at, ArrivedAt: at.Add(time.Second),
	}
}

func readings(t *testing.T, s plates.Store, q plates.Query) []plates.Found {
	t.Helper()
	return must[[]plates.Found](t)(s.Readings(context.Background(), q))
}

func platesMerge(t *testing.T, s PlateStore) {
	first := plateEvent("p1", registered[0], "粤B·12345", 80, 0)
	best := plateEvent("p2", registered[0], "粤b 12345", 97, 9)
	best.Snapshot, best.Colour = "s1", "green"
	for _, e := range []devices.Event{first, best, plateEvent("p3", registered[0], "粤B12345", 90, 18), plateEvent("p4", registered[0], "粤B12345", 99, 28.5)} {
		addEvent(t, s, e)
	}
	got := readings(t, s, plates.Query{})
	if len(got) != 2 {
		t.Fatalf("%d readings, want 2", len(got))
	}
	want := plates.Reading{
		ID: got[1].ID, Device: "g1", Site: "s1", Zone: registered[0].Zone, Plate: "粤B12345", Form: plates.Ordinary, Event: "p2", Text: "粤b 12345",
		Confidence: 97, Colour: "green", Direction: "in", At: best.DeviceTime, Picture: "s1",
		First: t0, Last: t0.Add(18 * time.Second), ArrivedAt: first.ArrivedAt, Events: 3,
	}
	equal(t, "reading", got[1].Reading, want)
	equal(t, "the next", got[0].Event, devices.EventID("p4"))
}

func plateOnce(t *testing.T, s PlateStore) {
	e := plateEvent("p1", registered[0], "粤B12345", 80, 0)
	e.Snapshot = "s1"
	addEvent(t, s, e)
	before := readings(t, s, plates.Query{})
	_, existed, err := s.AddEvent(context.Background(), e)
	ok(t, err)
	equal(t, "existed", existed, true)
	equal(t, "readings", readings(t, s, plates.Query{}), before)
	stored := must[devices.Event](t)(s.Event(context.Background(), "g1", "p1"))
	stored.Revision = 0
	equal(t, "event", stored, e)
}

func plateConflict(t *testing.T, s PlateStore) {
	addEvent(t, s, plateEvent("p1", registered[0], "粤B12345", 80, 0))
	for name, change := range map[string]func(*devices.Event){
		"plate":      func(e *devices.Event) { e.Plate = "粤B12346" },
		"confidence": func(e *devices.Event) { e.Confidence = 81 },
		"colour":     func(e *devices.Event) { e.Colour = "" },
		"snapshot":   func(e *devices.Event) { e.Snapshot = "s1" },
	} {
		e := plateEvent("p1", registered[0], "粤B12345", 80, 0)
		change(&e)
		if _, _, err := s.AddEvent(context.Background(), e); devices.CodeOf(err) != devices.Conflict {
			t.Errorf("other %s: %v, want a conflict", name, err)
		}
	}
	got := readings(t, s, plates.Query{})
	if len(got) != 1 || got[0].Events != 1 || got[0].Confidence != 80 {
		t.Errorf("readings %+v, want the first alone", got)
	}
}

func platesApart(t *testing.T, s PlateStore) {
	addEvent(t, s, plateEvent("p1", registered[0], "粤B12345", 80, 0))
	addEvent(t, s, plateEvent("p1", registered[1], "粤B12345", 80, 1))
	addEvent(t, s, plateEvent("p2", registered[0], "粤B12346", 80, 2))
	addEvent(t, s, plateEvent("p3", registered[0], "粤B12345", 80, 10.001))
	equal(t, "readings", len(readings(t, s, plates.Query{})), 4)
}

func platesSelected(t *testing.T, s PlateStore) {
	for _, e := range []devices.Event{
		plateEvent("p1", registered[0], "粤B12345", 80, 0), plateEvent("p2", registered[2], "AB12 CDE", 80, 100),
		plateEvent("p3", registered[0], "沪AD12345", 80, 200), plateEvent("p4", registered[1], "粤B99999", 80, 50),
	} {
		addEvent(t, s, e)
	}
	all := readings(t, s, plates.Query{})
	for _, test := range []struct {
		name string
		q    plates.Query
		want []devices.EventID
	}{
		{"all", plates.Query{}, []devices.EventID{"p3", "p2", "p4", "p1"}},
		{"limit", plates.Query{Limit: 2}, []devices.EventID{"p3", "p2"}},
		{"before", plates.Query{Before: all[1].ID}, []devices.EventID{"p4", "p1"}},
		{"part in another writing", plates.Query{Part: "b·123"}, []devices.EventID{"p1"}},
		{"part", plates.Query{Part: "12"}, []devices.EventID{"p3", "p2", "p1"}},
		{"site", plates.Query{Site: registered[2].Site}, []devices.EventID{"p2"}},
		{"out of reach", plates.Query{Within: &devices.Reach{}}, nil},
		{"a site in reach", plates.Query{Within: reaches(devices.Place{Site: registered[2].Site})}, []devices.EventID{"p2"}},
		{"a zone in reach", plates.Query{Within: reaches(placeOf(registered[1]))}, []devices.EventID{"p4"}},
		{"after one out of reach", plates.Query{Before: all[1].ID, Within: reaches(placeOf(registered[0]), placeOf(registered[1]))}, nil},
		{"after one in reach", plates.Query{Before: all[1].ID, Within: reaches(devices.Place{Site: registered[2].Site}, placeOf(registered[1]))}, []devices.EventID{"p4"}},
		{"zone", plates.Query{Zone: registered[1].Zone, Device: registered[1].ID}, []devices.EventID{"p4"}},
		{"device", plates.Query{Device: "g1"}, []devices.EventID{"p3", "p1"}},
		{"doubtful", plates.Query{Doubtful: true}, []devices.EventID{"p2"}},
		{"span", plates.Query{From: t0.Add(50 * time.Second), To: t0.Add(100 * time.Second)}, []devices.EventID{"p4"}},
		{"none", plates.Query{Part: "100%_"}, nil},
	} {
		var got []devices.EventID
		for _, r := range readings(t, s, test.q) {
			got = append(got, r.Event)
		}
		equal(t, test.name, got, test.want)
	}
}

func platePassage(t *testing.T, s PlateStore) {
	addEvent(t, s, plateEvent("p1", registered[0], "粤B·12345", 80, 0))
	for id, seconds := range map[string]float64{"far": -10.5, "near": 4, "nearest": 2, "later": 9} {
		e := passage(id, registered[1], t0.Add(time.Duration(seconds*float64(time.Second))))
		e.DeviceTime = e.ArrivedAt
		addEvent(t, s, e)
	}
	other := passage("other", registered[1], t0)
	other.Credential, other.DeviceTime = "card:1", t0
	addEvent(t, s, other)
	got := readings(t, s, plates.Query{})
	if len(got) != 1 || got[0].Passage == nil {
		t.Fatalf("readings %+v, want one with a passage", got)
	}
	equal(t, "passage", got[0].Passage.ID, devices.EventID("nearest"))
	equal(t, "shown", got[0].Shown, false)
}
