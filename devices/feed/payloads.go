package feed

import "time"

// The payloads below are what a console reads: on the feed topics and, the same
// types, in the REST snapshot. Times are RFC 3339 in UTC; revisions are those of
// the site. web describes them in its OpenAPI document.

// Device is the full live state of one device.
type Device struct {
	ID           string            `json:"id"`
	Site         string            `json:"site"`
	Zone         string            `json:"zone"`
	Kind         string            `json:"kind" enum:"gate,turnstile,camera"`
	Name         string            `json:"name"`
	Link         Link              `json:"link"`
	Mode         string            `json:"mode" doc:"controlled, held_open, held_closed, locked_down, fire_release; empty if unknown or not an opening"`
	Modes        map[string]string `json:"modes" doc:"of a turnstile that tells its directions apart, by direction; mode is then that of in"`
	Physical     string            `json:"physical" enum:"open,opening,closed,closing,stopped,fault,unknown"`
	Tamper       bool              `json:"tamper"`
	Fault        string            `json:"fault"`
	Counters     map[string]int64  `json:"counters"`
	Capabilities []string          `json:"capabilities"`
	Firmware     string            `json:"firmware"`
	ReportedAt   *time.Time        `json:"reportedAt" doc:"arrival of the last report that was told; null if none since it came online. Reports that say nothing new are told every five minutes: doubt says whether they come"`
	Unsigned     bool              `json:"unsigned" doc:"by its capabilities it does not verify the signatures of commands"`
	LastEvent    *Event            `json:"lastEvent"`
	Doubt        string            `json:"doubt" enum:",never_seen,offline,not_reported,too_old" doc:"why what it says of itself is not known to be so now: physical is unknown then, mode, alarm, power and signal are empty; empty: its last report is good"`
	Alarm        string            `json:"alarm" enum:",forced_open,held_open_too_long" doc:"empty: none, or unknown"`
	Power        string            `json:"power" enum:",mains,battery,low" doc:"empty: not said"`
	Signal       *int              `json:"signal" doc:"of its radio, dBm; null: not said"`
	Heartbeat    int               `json:"heartbeat" doc:"seconds between its reports, at most"`
	ClockDrift   *ClockDrift       `json:"clockDrift" doc:"null: not measured yet"`
	Telemetry    *Telemetry        `json:"telemetry" doc:"what it measured last; null: nothing since it came online"`
	Config       Config            `json:"config"`
	FireGroup    string            `json:"fireGroup" doc:"its openings are released with this fire group of its site; empty: none"`
	FireInput    string            `json:"fireInput" doc:"its event fire releases this fire group; empty: none"`
	Revision     int64             `json:"revision"`
}

// Config is whether a device is as it is wanted to be.
type Config struct {
	Revision int64  `json:"revision" doc:"of what is wanted of it; 0: nothing"`
	Reported int64  `json:"reported" doc:"of what it says that it runs; 0: it does not say"`
	Status   string `json:"status" enum:",applied,pending,drifting,unreported,unknown" doc:"empty: nothing is wanted; pending: it has not had the time; unreported: it does not say what it runs; unknown: see doubt"`
}

// ClockDrift is how far a device's clock is off.
type ClockDrift struct {
	Ms    int64     `json:"ms" doc:"ahead of the platform's clock; behind, if negative"`
	At    time.Time `json:"at" doc:"when it was measured"`
	Wrong bool      `json:"wrong" doc:"further off than 5 s"`
}

// Telemetry is what a device measures besides its state.
type Telemetry struct {
	Voltage     *float64  `json:"voltage" doc:"of its supply, V; null: not said"`
	Temperature *float64  `json:"temperature" doc:"inside its housing, °C; null: not said"`
	Signal      *int      `json:"signal" doc:"of its radio, dBm; null: not said"`
	At          time.Time `json:"at"`
}

// Link is a device's connection.
type Link struct {
	Status        string     `json:"status" enum:"online,offline,never_seen"`
	Since         *time.Time `json:"since"`
	Cause         string     `json:"cause" doc:"why offline; heartbeat lost: its connection stands, its reports do not come"`
	Flapping      bool       `json:"flapping" doc:"it comes and goes: this link is told at most every 3 s"`
	FlappingSince *time.Time `json:"flappingSince"`
}

// Command is one order with its ladder.
type Command struct {
	ID       string            `json:"id"`
	Device   string            `json:"device"`
	Site     string            `json:"site"`
	Zone     string            `json:"zone"`
	Action   string            `json:"action"`
	Args     map[string]string `json:"args"`
	Reason   string            `json:"reason"`
	Actor    Actor             `json:"actor"`
	Issued   time.Time         `json:"issued"`
	TTL      int64             `json:"ttlMs"`
	Step     string            `json:"step" enum:"accepted,sent,delivered,done,confirmed,did_not_move,refused,failed,expired,cancelled,uncertain" doc:"the furthest"`
	Ended    bool              `json:"ended"`
	Rungs    []Rung            `json:"rungs"`
	Revision int64             `json:"revision" doc:"0 while the record is pending"`
	// RecordPending: see devices.Command.
	RecordPending bool `json:"recordPending" doc:"it was sent, and the database does not have it yet; a message without this stands against any with it, and of two with it the one with more rungs is newer"`
}

// Rung is one recorded step of a command.
type Rung struct {
	Step   string    `json:"step"`
	At     time.Time `json:"at"`
	Detail string    `json:"detail"`
}

// Actor is who ordered it.
type Actor struct {
	Kind string `json:"kind" enum:"operator,token,schedule,system"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Event is something a device said once.
type Event struct {
	Device     string    `json:"device"`
	ID         string    `json:"id"`
	Type       string    `json:"type"`
	Direction  string    `json:"direction"`
	Result     string    `json:"result"`
	Reason     string    `json:"reason"`
	Credential string    `json:"credential"`
	Physical   string    `json:"physical"`
	Trigger    string    `json:"trigger"`
	Camera     string    `json:"camera"`
	Picture    bool      `json:"picture" doc:"GET /api/v1/devices/{device}/events/{id}/picture has it"`
	Command    string    `json:"command"`
	Plate      string    `json:"plate" doc:"of type plate: as it was read"`
	Confidence int       `json:"confidence" doc:"of plate, 0 to 100"`
	Colour     string    `json:"colour" doc:"of the plate: blue, yellow, black, white, green, yellow_green, other, or empty"`
	Snapshot   string    `json:"snapshot" doc:"event of the same device whose picture shows the plate; empty: none, or this one"`
	DeviceTime time.Time `json:"deviceTime"`
	ArrivedAt  time.Time `json:"arrivedAt"`
}

// Today is the tally of one site's day, in its own time zone. It changes with each
// passage, ledger row, quarantined message and switch of a timetable: a page that lists
// those reads its list again.
type Today struct {
	Site        string  `json:"site"`
	Day         string  `json:"day" doc:"YYYY-MM-DD in the site's time zone"`
	Passages    int64   `json:"passages"`
	Takings     []Money `json:"takings"`
	LedgerRows  int64   `json:"ledgerRows"`
	Quarantined int64   `json:"quarantined"`

	Switches           int64 `json:"switches" doc:"of timetables, carried out"`
	SwitchesSkipped    int64 `json:"switchesSkipped" doc:"or not known to be carried out"`
	SwitchesNotReached int64 `json:"switchesNotReached" doc:"openings that did not take the mode of a timetable"`
	TimedSent          int64 `json:"timedSent" doc:"timed commands that the clock brought, one per device"`
	TimedSkipped       int64 `json:"timedSkipped" doc:"or not known to be sent"`
	TimedFailed        int64 `json:"timedFailed" doc:"that could not be made, or were not carried out as a look at the result found"`

	Revision int64 `json:"revision"`
}

// Money is an amount in minor units of its currency.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Heartbeat ticks every 5 s in each zone.
type Heartbeat struct {
	At       time.Time `json:"at"`
	Revision int64     `json:"revision" doc:"the newest that was said in this zone"`
}

// Site is one property.
type Site struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	TimeZone string `json:"timeZone" doc:"IANA name"`
	Revision int64  `json:"revision" doc:"everything up to it is in the snapshot, or newer"`
}

// Zone is a part of a site.
type Zone struct {
	ID   string `json:"id"`
	Site string `json:"site"`
	Name string `json:"name"`
}

// Snapshot is everything that the wall shows, at one moment. A feed message of a
// thing with a revision that is not above the one here is old news.
type Snapshot struct {
	At       time.Time `json:"at"`
	Sites    []Site    `json:"sites"`
	Zones    []Zone    `json:"zones"`
	Devices  []Device  `json:"devices"`
	Commands []Command `json:"commands" doc:"open ones, and those that ended less than a minute ago"`
	Today    []Today   `json:"today"`
	Layers   []Layer   `json:"layers" doc:"those that are set"`
	Risky    []string  `json:"risky" doc:"what needs a reason: actions of commands and layers, fire_release, fire_end, batch"`
	Alarms   []Alarm   `json:"alarms" doc:"those that are not resolved"`
}
