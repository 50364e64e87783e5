package devices_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"gatehouse/devices"
)

// chatter is a store in which one device said so many things, each named by its number,
// the newest the greatest; most is the most that it was asked for at once.
type chatter struct {
	devices.Store
	said, most int
}

func (c *chatter) Events(_ context.Context, q devices.EventQuery) (page []devices.Event, err error) {
	c.most = max(c.most, q.Limit)
	next := c.said
	if q.Older.ID != "" {
		if next, err = strconv.Atoi(string(q.Older.ID)); err != nil {
			return nil, err
		}
		next--
	}
	for ; next > 0 && len(page) < q.Limit; next-- {
		page = append(page, devices.Event{Device: "d1", ID: devices.EventID(strconv.Itoa(next))})
	}
	return page, nil
}

func TestEventsAreExportedWholeAndInShortReadsOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, said := range []int{0, 1, 999, 1000, 1001, devices.MaxEventExport} {
		store := &chatter{said: said}
		c := devices.NewControl(devices.Deps{Store: store})
		all, err := c.ExportEvents(t.Context(), devices.EventQuery{Limit: 3, Older: devices.EventKey{Device: "d1", ID: "2"}})
		if err != nil || len(all) != said || store.most > 1000 {
			t.Fatalf("of %d there are %d, read %d at once at most (%v)", said, len(all), store.most, err)
		}
		for i, e := range all {
			if want := strconv.Itoa(said - i); string(e.ID) != want {
				t.Fatalf("of %d the event at %d is %s, want %s", said, i, e.ID, want)
			}
		}
	}
	c := devices.NewControl(devices.Deps{Store: &chatter{said: devices.MaxEventExport + 1}})
	all, err := c.ExportEvents(t.Context(), devices.EventQuery{})
	var wrong *devices.Error
	if !errors.As(err, &wrong) || wrong.Code != devices.TooMany || wrong.Field != "from" || wrong.Most != devices.MaxEventExport || all != nil {
		t.Errorf("too many give %d and %v", len(all), err)
	}
}
