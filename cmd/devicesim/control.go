package main

import (
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"

	"gatehouse/devices/sim"
)

//go:embed page
var page embed.FS

// control is the control page and its API. It has no login and is meant for the
// machine it runs on; pages of other origins cannot use it.
type control struct {
	fleet *sim.Fleet
	lines map[string]*line
}

// deviceView is one device as the API shows it.
type deviceView struct {
	sim.View
	Cut bool `json:"cut"`
}

func newControl(fleet *sim.Fleet, lines map[string]*line) http.Handler {
	c := &control{fleet, lines}
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic("devicesim: " + err.Error()) // the folder is embedded above
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /api/devices", c.devices)
	mux.HandleFunc("POST /api/devices/{id}/car", c.on(c.car))
	mux.HandleFunc("POST /api/devices/{id}/person", c.on(c.person))
	mux.HandleFunc("POST /api/devices/{id}/repeat-billing", c.on(c.repeatBilling))
	mux.HandleFunc("POST /api/devices/{id}/fire", c.on(c.fire))
	mux.HandleFunc("POST /api/devices/{id}/ignore-config", c.on(c.ignoreConfig))
	mux.HandleFunc("POST /api/devices/{id}/heed-config", c.on(c.heedConfig))
	mux.HandleFunc("POST /api/devices/{id}/trouble", c.on(c.trouble))
	mux.HandleFunc("POST /api/devices/{id}/mend", c.on(c.mend))
	mux.HandleFunc("POST /api/devices/{id}/cut", c.on(c.cut))
	mux.HandleFunc("POST /api/devices/{id}/restore", c.on(c.restore))
	mux.HandleFunc("POST /api/cut", c.all((*line).Cut))
	mux.HandleFunc("POST /api/restore", c.all((*line).Restore))
	return http.NewCrossOriginProtection().Handler(secure(mux))
}

func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (c *control) devices(w http.ResponseWriter, _ *http.Request) {
	list := []deviceView{}
	for _, d := range c.fleet.Devices() {
		v, err := d.View()
		if err != nil {
			answerError(w, err)
			return
		}
		list = append(list, deviceView{v, c.lines[v.ID].IsCut()})
	}
	answer(w, http.StatusOK, list)
}

// on finds the device, does something with it, and answers.
func (c *control) on(do func(r *http.Request, d *sim.Device) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d := c.fleet.Device(r.PathValue("id"))
		if d == nil {
			answer(w, http.StatusNotFound, problem{"there is no device " + r.PathValue("id")})
			return
		}
		result, err := do(r, d)
		if err != nil {
			answerError(w, err)
			return
		}
		answer(w, http.StatusAccepted, result)
	}
}

func (c *control) all(do func(*line)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, l := range c.lines {
			do(l)
		}
		answer(w, http.StatusAccepted, done{})
	}
}

func (c *control) car(r *http.Request, d *sim.Device) (any, error) {
	way, err := direction(r)
	if err != nil {
		return nil, err
	}
	return d.Car(way)
}

func (c *control) person(r *http.Request, d *sim.Device) (any, error) {
	way, err := direction(r)
	if err != nil {
		return nil, err
	}
	event, err := d.Person(way)
	return passage{event}, err
}

func (c *control) repeatBilling(_ *http.Request, d *sim.Device) (any, error) {
	b, err := d.RepeatBilling()
	return repeated{b.ID}, err
}

func (c *control) fire(_ *http.Request, d *sim.Device) (any, error) {
	event, err := d.Fire()
	return passage{event}, err
}

func (c *control) ignoreConfig(_ *http.Request, d *sim.Device) (any, error) {
	return done{}, d.IgnoreConfig(true)
}

func (c *control) heedConfig(_ *http.Request, d *sim.Device) (any, error) {
	return done{}, d.IgnoreConfig(false)
}

// trouble has something happen to a device; type is that of the event.
func (c *control) trouble(r *http.Request, d *sim.Device) (any, error) {
	event, err := d.Trouble(r.FormValue("type"))
	return passage{event}, err
}

func (c *control) mend(_ *http.Request, d *sim.Device) (any, error) { return done{}, d.Mend() }

func (c *control) cut(_ *http.Request, d *sim.Device) (any, error) {
	c.lines[d.Identity().ID].Cut()
	return done{}, nil
}

func (c *control) restore(_ *http.Request, d *sim.Device) (any, error) {
	c.lines[d.Identity().ID].Restore()
	return done{}, nil
}

// The answers of the API.
type (
	done    struct{}
	problem struct {
		Error string `json:"error"`
	}
	passage struct {
		Event string `json:"event"`
	}
	repeated struct {
		Billing string `json:"billing"`
	}
)

var errDirection = errors.New("direction: want in or out")

func direction(r *http.Request) (string, error) {
	switch way := r.FormValue("direction"); way {
	case "":
		return "in", nil
	case "in", "out":
		return way, nil
	default:
		return "", errDirection
	}
}

func answerError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, sim.ErrBusy), errors.Is(err, sim.ErrNoBilling):
		status = http.StatusConflict
	case errors.Is(err, sim.ErrWrongKind), errors.Is(err, sim.ErrTrouble), errors.Is(err, errDirection):
		status = http.StatusBadRequest
	case errors.Is(err, sim.ErrStopped):
		status = http.StatusServiceUnavailable
	}
	answer(w, status, problem{err.Error()})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever asked may be gone
}
