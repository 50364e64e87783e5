package web

import (
	"net/http"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plates"
)

const passageOfJSON = `{"device":"d1","deviceName":"North in","event":"e1","direction":"in","result":"granted","reason":"",
	"credential":"plate:粤B12345","deviceTime":"2026-11-21T12:00:00Z"}`

func TestPicturesAreListedWithWhatTheyBelongTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	picture := `{"device":"d1","deviceName":"North in","event":"e1","site":"s1","zone":"z1","arrivedAt":"2026-11-21T12:00:00.001Z",
		"takenAt":"2026-11-21T12:00:00Z","size":1234,"width":640,"height":480,"command":"k1","passage":` + passageOfJSON + `,"plate":"粤B12345","alarm":"a1","kept":true}`
	h.admin("GET", "/pictures", "").is(200, `{"pictures":[`+picture+`],"next":""}`)
	h.admin("GET", "/pictures?limit=1", "").is(200, `{"pictures":[`+picture+`],"next":"d1/e1"}`)
	h.do("GET", "/api/v1/pictures?site=s1&zone=z1&device=d1&command=k1&plate=b12&from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z&before=d1/e1&limit=7",
		"", as(operators.Guard)).wants(200)
	want := pictures.Query{
		Site: "s1", Zone: "z1", Device: "d1", Command: "k1", Plate: "b12", From: noon.Add(-36 * time.Hour), To: noon.Add(12 * time.Hour),
		Before: pictures.Key{Device: "d1", Event: "e1"}, Limit: 7,
	}
	if h.album.asked != want {
		t.Errorf("asked for %+v", h.album.asked)
	}
	h.admin("GET", "/pictures/retention", "").is(200, `{"keepHours":720,"space":1073741824,"pictures":3,"bytes":4096,"oldest":"2026-11-21T12:00:00Z"}`)
	h.do("GET", "/api/v1/pictures", "", as("nobody")).problem(403, "forbidden")
	h.album.err = refusal(devices.Unavailable, "", "the disk is full")
	h.admin("GET", "/pictures", "").problem(503, "unavailable")
	h.admin("GET", "/pictures/retention", "").problem(503, "unavailable")
}

func TestPlatesAreListedWithPassageAndPicture(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	head := `"id":7,"device":"d1","deviceName":"North in","site":"s1","zone":"z1","plate":"粤B12345","text":"粤B·12345","form":"ordinary","confidence":97,
		"colour":"blue","direction":"in","event":"p1","events":1,"firstAt":"2026-11-21T12:00:00Z","lastAt":"2026-11-21T12:00:00Z","arrivedAt":"2026-11-21T12:00:00Z"`
	h.admin("GET", "/plates?limit=2", "").is(200, `{"readings":[{`+head+`,"picture":"e1","passage":`+passageOfJSON+`},{`+head+`,"picture":"","passage":null}],"next":7}`)
	h.do("GET", "/api/v1/plates?site=s1&zone=z1&device=d1&plate=B12&doubtful=true&from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z&before=9&limit=3",
		"", as(operators.Guard)).wants(200)
	want := plates.Query{
		Site: "s1", Zone: "z1", Device: "d1", Part: "B12", Doubtful: true, From: noon.Add(-36 * time.Hour), To: noon.Add(12 * time.Hour), Before: 9, Limit: 3,
	}
	if h.album.searched != want {
		t.Errorf("searched for %+v", h.album.searched)
	}
	h.admin("GET", "/plates?limit=101", "").problem(422, "invalid")
	h.do("GET", "/api/v1/plates", "", as("nobody")).problem(403, "forbidden")
	h.album.err = refusal(devices.Unavailable, "", "the disk is full")
	h.admin("GET", "/plates", "").problem(503, "unavailable")
}

func TestPictureIsNothingButAPictureWhereverItIsOpened(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tags := map[string]bool{}
	for path, body := range map[string]string{"picture": "jpeg", "thumbnail": "small"} {
		path = "/devices/c1/events/e1/" + path
		a := h.admin("GET", path, "").wants(200)
		for name, want := range map[string]string{
			"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache",
			"Content-Security-Policy": "default-src 'none'; img-src 'self'; sandbox; frame-ancestors 'none'",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if a.body != body {
			t.Errorf("%s: %q", path, a.body)
		}
		tag := a.header.Get("ETag")
		tags[tag] = true
		h.admin("GET", path, "", header("If-None-Match", tag)).wants(http.StatusNotModified)
		h.do("GET", "/api/v1"+path, "", as("nobody")).problem(403, "forbidden")
	}
	if len(tags) != 2 {
		t.Errorf("picture and thumbnail have the same tag: %v", tags)
	}
	h.admin("GET", "/devices/c1/events/e9/thumbnail", "").problem(404, "not_found")
}
