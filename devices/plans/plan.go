package plans

import (
	"context"
	"time"

	"gatehouse/devices"
)

// ID names a plan.
type ID string

// Revision counts the changes of one plan, from 1.
type Revision int64

// Plan is a picture of a site with devices on it.
type Plan struct {
	ID       ID
	Site     devices.SiteID
	Name     string // up to MaxName characters in one line
	Position int    // among the plans of the site, from 0
	Picture  Picture
	Pins     []Pin // by device
	Revision Revision
	Changed  time.Time // of name, picture or pins, by a person
}

// Pin is the place of a device on a plan.
type Pin struct {
	Device devices.DeviceID
	X, Y   float64 // from the left and from the top, in parts of the picture: 0 to 1
	Turn   int     // whither it leads or looks, in degrees clockwise from the top: 0 to 359; NoTurn: nowhere
}

// NoTurn is the Turn of a pin without a direction.
const NoTurn = -1

// The most that there may be.
const (
	MaxName  = 80  // characters of a plan's name
	MaxPins  = 500 // on one plan
	MaxPlans = 50  // of one site
)

// Picture says what the picture of a plan is.
type Picture struct {
	Hash          [32]byte // SHA-256 of its bytes
	Format        Format
	Size          int64 // bytes
	Width, Height int   // pixels; of an SVG units
}

// Format is how a picture is written.
type Format string

// The formats of pictures.
const (
	PNG  Format = "png"
	JPEG Format = "jpeg"
	WebP Format = "webp"
	SVG  Format = "svg"
)

// ContentType is the media type of a format.
func (f Format) ContentType() string {
	if f == SVG {
		return "image/svg+xml"
	}
	return "image/" + string(f)
}

// Store keeps plans. Whatever it answers without an error is durable.
type Store interface {
	// Plans gives every plan: by site, then by position, then by id.
	Plans(ctx context.Context) ([]Plan, error)
	// Plan gives one; NotFound.
	Plan(ctx context.Context, id ID) (Plan, error)
	// AddPlan keeps a new plan, without pins, behind the others of its site. It is given back
	// with its position.
	AddPlan(ctx context.Context, p Plan, a devices.AuditEntry) (Plan, error)
	// ChangePlan keeps name, picture, pins and time of a plan, and gives it its next revision, if
	// it has the one of p still. NotFound; Conflict (Field base: it has another one; Field pins: a
	// device of them is not in service at the site).
	ChangePlan(ctx context.Context, p Plan, a devices.AuditEntry) (Revision, error)
	// RemovePlan removes one that has a revision still. NotFound; Conflict (Field base).
	RemovePlan(ctx context.Context, id ID, base Revision, a devices.AuditEntry) error
	// OrderPlans puts the plans of a site in an order. Conflict (Field plans) if the ids are not
	// those of all of them, each once.
	OrderPlans(ctx context.Context, site devices.SiteID, ids []ID, a devices.AuditEntry) error
}
