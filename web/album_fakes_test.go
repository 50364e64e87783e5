package web

import (
	"bytes"
	"context"
	"io"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plates"
)

func (a *album) Thumbnail(ctx context.Context, d devices.DeviceID, e devices.EventID) (pictures.Record, io.ReadSeekCloser, error) {
	r, _, err := a.Open(ctx, d, e)
	return r, sheet{bytes.NewReader([]byte("small"))}, err
}

// seen is what the passage of d1 was like.
func seenPassage() *devices.Event {
	return &devices.Event{
		Device: "d1", ID: "e1", Site: "s1", Zone: "z1", Type: "passage", Direction: "in", Result: "granted", Credential: "plate:粤B12345",
		Camera: "c1", DeviceTime: noon, ArrivedAt: noon,
	}
}

func (a *album) Find(_ context.Context, q pictures.Query) ([]pictures.Found, error) {
	a.asked = q
	if a.err != nil {
		return nil, a.err
	}
	return []pictures.Found{{
		Record: pictures.Record{
			Device: "d1", Event: "e1", Site: "s1", Size: 1234, Width: 640, Height: 480, ArrivedAt: noon.Add(1500 * time.Microsecond),
		},
		Of:      &devices.Event{Device: "d1", ID: "e1", Type: "snapshot", Command: "k1", DeviceTime: noon},
		Passage: seenPassage(), Plate: "粤B12345", Alarm: "a1", Kept: true,
	}}, nil
}

func (a *album) Usage(context.Context) (pictures.Usage, error) {
	return pictures.Usage{Pictures: 3, Bytes: 4096, Oldest: noon}, a.err
}

func (a *album) Retention() pictures.Retention {
	return pictures.Retention{Age: 30 * 24 * time.Hour, Bytes: 1 << 30}
}

func (a *album) Readings(_ context.Context, q plates.Query) ([]plates.Found, error) {
	a.searched = q
	if a.err != nil {
		return nil, a.err
	}
	r := plates.Of(devices.Event{
		Device: "d1", ID: "p1", Site: "s1", Zone: "z1", Type: "plate", Plate: "粤B·12345", Confidence: 97, Colour: "blue", Direction: "in",
		Snapshot: "e1", DeviceTime: noon, ArrivedAt: noon,
	})
	r.ID = 7
	return []plates.Found{{Reading: r, Passage: seenPassage(), Shown: true}, {Reading: r}}, nil
}
