package property

import (
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// mostRows is how many devices one list may have.
const mostRows = 5000

// registerList registers the gates of one list.
func (h *House) registerList(t *testing.T, site, zone string, from, to int) {
	t.Helper()
	var list strings.Builder
	w := csv.NewWriter(&list)
	_ = w.Write([]string{"site", "zone", "kind", "name"})
	for i := from; i < to; i++ {
		_ = w.Write([]string{site, zone, "gate", fmt.Sprintf("Gate %05d", i)})
	}
	w.Flush()
	status, answer, err := h.AskRaw("POST", "/devices/import", []byte(list.String()), "text/csv")
	if err != nil || status != 200 || !strings.Contains(string(answer), `"registered":true`) {
		t.Fatalf("the list was answered %d %s, %v", status, answer, err)
	}
}

// enrol registers many gates of a site at once, as an installer does: by lists. They
// come back with their credentials.
func (h *House) enrol(t *testing.T, site, zone string, n int) []Device {
	t.Helper()
	for from := 0; from < n; from += mostRows {
		h.registerList(t, site, zone, from, min(n, from+mostRows))
	}
	var s struct{ Devices []Device }
	h.Get("/live/snapshot", &s)
	if len(s.Devices) != n {
		t.Fatalf("%d devices are registered, want %d", len(s.Devices), n)
	}
	all := s.Devices
	var work sync.WaitGroup
	errs := make(chan error, n)
	next := make(chan int)
	for range 16 {
		work.Go(func() {
			for i := range next {
				errs <- h.Try("POST", "/devices/"+all[i].ID+"/credential", nil, 201, &all[i])
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	work.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// online counts the devices that the server shows as online.
func (h *House) online(t *testing.T) (n int) {
	t.Helper()
	var s struct {
		Devices []struct{ Link struct{ Status string } }
	}
	h.Get("/live/snapshot", &s)
	for _, d := range s.Devices {
		if d.Link.Status == "online" {
			n++
		}
	}
	return n
}
