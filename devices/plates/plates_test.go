package plates_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/devices"
	"gatehouse/devices/plates"
	"gatehouse/prove"
)

func TestPlatesAreComparedInOneForm(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"粤B·12345": "粤B12345", "粤b 12345": "粤B12345", "粤Ｂ１２３４５": "粤B12345", "粤B-12345": "粤B12345", "粤B•12345": "粤B12345", "粤B.12345\u200b": "粤B12345",
		"ab12 cde": "AB12CDE", " · ": "", "": "",
	} {
		if got := plates.Normalise(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if got := plates.OfCredential("plate:粤b·12345"); got != "粤B12345" {
		t.Errorf("credential: %q", got)
	}
	if got := plates.OfCredential("card:12345"); got != "" {
		t.Errorf("a card is the plate %q", got)
	}
}

func TestPlatesOfTheChineseStandardAreKnownByTheirForm(t *testing.T) {
	t.Parallel()
	for plate, want := range map[string]plates.Form{
		"粤B12345": plates.Ordinary, "京AF0236": plates.Ordinary, "新QA1B2C": plates.Ordinary,
		"粤BD12345": plates.NewEnergy, "粤BDA2345": plates.NewEnergy, "粤B12345D": plates.NewEnergy, "京AF12345": plates.NewEnergy,
		"京A0236学": plates.Learner, "京A0006警": plates.Police, "京A0236挂": plates.Trailer,
		"粤Z1234港": plates.HongKong, "粤Z12D4澳": plates.Macao, "沪A0023领": plates.Consulate, "使014578": plates.Embassy, "京A0006使": plates.Embassy,
		// None of them.
		"": "", "粤": "", "粤B": "", "粤B1234": "", "粤B123456": "", "粤BI2345": "", "粤BO2345": "", "粤112345": "", "B12345": "", "AB12CDE": "",
		"粤BL12345": "", "粤B1234AD": "", "粤A1234港": "", "京Z1234澳": "", "京A123学": "", "京A12学34": "", "使01457": "", "使A14578": "", "粤B12345学": "", "学京A1234": "",
		"粤粤12345": "", "粤B123粤": "",
	} {
		if got := plates.FormOf(plate); got != want {
			t.Errorf("%q has the form %q, want %q", plate, got, want)
		}
	}
}

// The order of arrival does not matter as long as the events have no gap between them.
func TestAReadingIsTheSameInWhateverOrderItsEventsArrive(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for range 500 {
		events := make([]devices.Event, 1+r.IntN(8))
		for i := range events {
			events[i] = devices.Event{
				Device: "c1", ID: devices.EventID(rune('a' + i)), Plate: "粤B12345", Confidence: 90 + r.IntN(3), Picture: r.IntN(2) == 0,
				DeviceTime: start.Add(time.Duration(r.IntN(10_000)) * time.Millisecond),
			}
		}
		want := gather(t, events)
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if d := cmp.Diff(want, gather(t, events), cmpopts.IgnoreFields(plates.Reading{}, "ArrivedAt", "Picture")); d != "" {
			t.Fatal(d)
		}
	}
}

func gather(t *testing.T, events []devices.Event) plates.Reading {
	t.Helper()
	reading := plates.Of(events[0])
	for _, e := range events[1:] {
		if !reading.Takes(e) {
			t.Fatalf("%v is not taken by %v to %v", e.DeviceTime, reading.First, reading.Last)
		}
		reading = reading.With(e)
	}
	return reading
}

func TestAReadingShowsAPictureAsSoonAsOneOfItsEventsHasOne(t *testing.T) {
	t.Parallel()
	unsure := devices.Event{ID: "a", Plate: "粤B12345", Confidence: 50, Snapshot: "s1"}
	sure := devices.Event{ID: "b", Plate: "粤B12345", Confidence: 99}
	if got := plates.Of(sure).With(unsure); got.Picture != "s1" || got.Event != "b" {
		t.Errorf("event %s, picture %s", got.Event, got.Picture)
	}
	surest := devices.Event{ID: "c", Plate: "粤B12345", Confidence: 100, Picture: true}
	if got := plates.Of(unsure).With(surest); got.Picture != "c" {
		t.Errorf("picture %s, want that of the surest", got.Picture)
	}
}
