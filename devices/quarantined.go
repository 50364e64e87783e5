package devices

import "time"

// Quarantined is a message that could not be understood, kept with its bytes.
type Quarantined struct {
	ID       int64
	Device   DeviceID
	Site     SiteID
	Topic    string
	Payload  []byte
	Problem  string // which field is wrong and what would be right
	Arrived  time.Time
	Revision Revision
}
