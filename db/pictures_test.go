package db

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/pictures"
)

func TestPictureMarksItsEventWhicheverComesFirst(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	register(t, d, gate)
	picture := func(n int) pictures.Record {
		return pictures.Record{
			Device: gate.ID, Event: passage(n).ID, Site: gate.Site, Hash: [32]byte{byte(n)}, Size: 10,
			Width: 4, Height: 3, ArrivedAt: start,
		}
	}
	has := func(n int) bool {
		e, err := d.Devices().Event(ctx, gate.ID, passage(n).ID)
		ok(t, err)
		return e.Picture
	}

	r1, _, err := d.Devices().AddEvent(ctx, passage(1))
	ok(t, err)
	r2, err := d.Pictures().AddPicture(ctx, picture(1))
	ok(t, err)
	if !has(1) || r2 <= r1 {
		t.Errorf("event first: marked %v, revision %d after %d", has(1), r2, r1)
	}
	again, err := d.Pictures().AddPicture(ctx, picture(1))
	ok(t, err)
	if again != r2 {
		t.Errorf("a repetition made revision %d of %d", again, r2)
	}
	live, err := d.Devices().Devices(ctx)
	ok(t, err)
	if live[0].Revision != r2 || live[0].Last == nil || !live[0].Last.Picture {
		t.Errorf("the device does not show it: %+v", live[0])
	}

	r, err := d.Pictures().AddPicture(ctx, picture(2))
	ok(t, err)
	if r != 0 {
		t.Errorf("revision %d for an event that is not known", r)
	}
	_, _, err = d.Devices().AddEvent(ctx, passage(2))
	ok(t, err)
	if !has(2) {
		t.Error("picture first: the event is not marked")
	}

	other := picture(1)
	other.Hash = [32]byte{99}
	_, err = d.Pictures().AddPicture(ctx, other)
	wantCode(t, err, devices.Conflict)
	got, err := d.Pictures().Picture(ctx, gate.ID, passage(1).ID)
	ok(t, err)
	if diff := cmp.Diff(picture(1), got); diff != "" {
		t.Error(diff)
	}
	_, err = d.Pictures().Picture(ctx, gate.ID, "none")
	wantCode(t, err, devices.NotFound)
}
