package shift

import (
	"cmp"
	"slices"
	"time"

	"gatehouse/devices"
)

// ID names a shift. Ids rise with the time at which their shifts began.
type ID string

// Person is somebody with an account, with the name that they had then.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// How is how a shift ended.
type How string

// The ways to end.
const (
	Open       How = ""            // it has not ended
	HandedOver How = "handed_over" // by its person
	Closed     How = "closed"      // by somebody else, because it was forgotten
)

// Shift is somebody's duty at some devices.
type Shift struct {
	ID      ID
	Site    devices.SiteID
	Booth   string // name of the booth in whose browser it began; empty: in none
	Person  Person
	Devices []devices.DeviceID // in the order in which they were chosen
	Took    ID                 // the shift that it took over; empty: none
	Began   time.Time

	Ended time.Time // zero: it is open
	How   How
	By    Person // who ended it
	// To is who was named to take over; the zero value: nobody.
	To     Person
	Remark string // of the hand-over, or the reason of a shift that was closed
	// Counted is what lay in the drawer, by currency; nil: nobody counted it.
	Counted []Money
	Counts  Counts // of an ended shift; those of an open one are asked for
	Taken   *Taken // nil: nobody took it over
}

// Taken is by whom and when a shift was taken over.
type Taken struct {
	By    ID
	Who   Person
	Began time.Time
}

// Money is an amount in minor units of an ISO 4217 currency.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Counts are what the platform counted of a shift.
type Counts struct {
	Takings  []Money `json:"takings"` // of its rows in the ledger, by currency
	Rows     int64   `json:"rows"`    // of the ledger
	Passages int64   `json:"passages"`
	Opens    int64   `json:"opens"`  // orders of its person to open, or to let one pass
	Alarms   []Alarm `json:"alarms"` // that were open when it was counted, the oldest first
}

// Alarm is an open alarm of a device of a shift.
type Alarm struct {
	ID       string           `json:"id"`
	Device   devices.DeviceID `json:"device"`
	Type     string           `json:"type"`
	Severity string           `json:"severity"`
	Raised   time.Time        `json:"raised"`
}

// Note is what somebody wrote down during their shift.
type Note struct {
	ID     int64
	Shift  ID
	At     time.Time
	By     Person
	Device devices.DeviceID // that it is about; empty: none of them
	Text   string
}

// Differences are what was counted less what was taken, by currency, of every currency of either. None if nobody
// counted.
func (s Shift) Differences() []Money {
	if s.Counted == nil {
		return nil
	}
	all := map[string]int64{}
	for _, m := range s.Counted {
		all[m.Currency] += m.Amount
	}
	for _, m := range s.Counts.Takings {
		all[m.Currency] -= m.Amount
	}
	list := make([]Money, 0, len(all))
	for currency, amount := range all {
		list = append(list, Money{Amount: amount, Currency: currency})
	}
	slices.SortFunc(list, func(a, b Money) int { return cmp.Compare(a.Currency, b.Currency) })
	return list
}

// Offered is whether somebody may take it over at a time: it was handed over in the last 24 hours, and nobody has.
func (s Shift) Offered(at time.Time) bool {
	return s.How == HandedOver && s.Taken == nil && at.Sub(s.Ended) < offerLife
}
