package web

import (
	"bytes"
	"context"
	"io"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/command"
	"gatehouse/devices/credentials"
	"gatehouse/devices/ledger"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plates"
	"gatehouse/devices/presence"
	"gatehouse/devices/replay"
	"gatehouse/devices/schedule"
)

// gateLive is the gate that every fake knows: d1 in zone z1 of site s1.
func gateLive() devices.Live {
	return devices.Live{
		Device: devices.Device{ID: "d1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "North in", Created: noon},
		Link:   presence.Link{Status: presence.Online, Since: noon},
		State:  devices.State{Mode: devices.Controlled, Physical: devices.Closed, ReportedAt: noon, Capabilities: []devices.Action{devices.ActionOpen}},
		Last: &devices.Event{Device: "d1", ID: "e1", Site: "s1", Zone: "z1", Type: "passage", Camera: "c1", Picture: true,
			DeviceTime: noon, ArrivedAt: noon},
		Revision: 7,
	}
}

func openCommand() devices.Command {
	return devices.Command{
		ID: "k1", Device: "d1", Site: "s1", Zone: "z1", Action: devices.ActionOpen, TTL: 5 * time.Second, Issued: noon,
		Actor:    devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "Wang", Address: "192.0.2.9"},
		Ladder:   command.Ladder{Rungs: []command.Rung{{Step: command.Accepted, At: noon}}},
		Revision: 8,
	}
}

// control is devices.Control. err, if set, is the answer to everything.
type control struct {
	offline bool // d1 is
	err     error
	actor   devices.Actor
	request devices.Request
	asked   any

	replayed replay.Query
}

func (c *control) Snapshot() devices.Snapshot {
	site := devices.Site{ID: "s1", Name: "Riverside", TimeZone: "Asia/Shanghai", Revision: 9}
	return devices.Snapshot{
		At: noon, Sites: []devices.Site{site}, Zones: []devices.Zone{{ID: "z1", Site: "s1", Name: "North"}},
		Devices: []devices.Live{gateLive()}, Commands: []devices.Command{openCommand()},
		Today: []devices.Today{{Site: site, Day: "2026-11-21", Tally: devices.Tally{Passages: 3, LedgerRows: 2, Takings: map[string]int64{"CNY": 500, "AUD": 1}, Revision: 9}}},
	}
}

func (c *control) AddSite(_ context.Context, a devices.Actor, name, timeZone string) (devices.Site, error) {
	c.actor = a
	return devices.Site{ID: "s2", Name: name, TimeZone: timeZone}, c.err
}

func (c *control) AddZone(_ context.Context, a devices.Actor, site devices.SiteID, name string) (devices.Zone, error) {
	c.actor = a
	return devices.Zone{ID: "z2", Site: site, Name: name}, c.err
}

func (c *control) AddDevice(_ context.Context, a devices.Actor, zone devices.ZoneID, kind devices.KindName, name string) (devices.Live, error) {
	c.actor = a
	return devices.Live{Device: devices.Device{ID: "d2", Site: "s1", Zone: zone, Kind: kind, Name: name}, Link: presence.Link{Status: presence.NeverSeen}}, c.err
}

func (c *control) Device(_ context.Context, id devices.DeviceID) (devices.Live, error) {
	if id != "d1" {
		return devices.Live{}, refusal(devices.NotFound, "", "there is no such device")
	}
	live := gateLive()
	if c.offline {
		live.Link.Status = presence.Offline
	}
	return live, c.err
}

func (c *control) RenameSite(_ context.Context, a devices.Actor, id devices.SiteID, name string) (devices.Site, error) {
	c.actor = a
	return devices.Site{ID: id, Name: name, TimeZone: "Asia/Shanghai"}, c.err
}

func (c *control) RenameZone(_ context.Context, a devices.Actor, id devices.ZoneID, name string) (devices.Zone, error) {
	c.actor = a
	return devices.Zone{ID: id, Site: "s1", Name: name}, c.err
}

func (c *control) EditDevice(_ context.Context, a devices.Actor, _ devices.DeviceID, e devices.DeviceEdit) (devices.Live, error) {
	c.actor, c.asked = a, e
	return gateLive(), c.err
}

func (c *control) Retire(_ context.Context, a devices.Actor, id devices.DeviceID, reason string) error {
	c.actor, c.asked = a, "retire "+string(id)+": "+reason
	return c.err
}

func (c *control) Replace(_ context.Context, a devices.Actor, id devices.DeviceID, reason string) (devices.Live, error) {
	c.actor, c.asked = a, "replace "+string(id)+": "+reason
	return gateLive(), c.err
}

func (c *control) Transfer(_ context.Context, a devices.Actor, id devices.DeviceID, to devices.ZoneID, reason string) (devices.Live, error) {
	c.actor, c.asked = a, "transfer "+string(id)+" to "+string(to)+": "+reason
	return gateLive(), c.err
}

func (c *control) Import(_ context.Context, a devices.Actor, rows []devices.RosterRow, dry bool) (devices.RosterResult, error) {
	c.actor, c.asked = a, [2]any{len(rows), dry}
	if rows[0].Name == "wrong" {
		return devices.RosterResult{Errors: []devices.RosterError{{Row: rows[0].Row, Column: "name", Message: "must be another"}}}, c.err
	}
	return devices.RosterResult{Zones: []devices.Zone{{ID: "z9", Site: "s1", Name: "Yard"}}, Devices: make([]devices.Device, len(rows))}, c.err
}

func (c *control) Retired() []devices.Live {
	l := gateLive()
	l.Device.Retired = noon
	return []devices.Live{l}
}

func (c *control) Send(_ context.Context, a devices.Actor, d devices.DeviceID, r devices.Request) (devices.Command, error) {
	c.actor, c.request = a, r
	k := openCommand()
	k.Device, k.Action, k.Args, k.Reason = d, r.Action, r.Args, r.Reason
	return k, c.err
}

func (c *control) Command(_ context.Context, id devices.CommandID) (devices.Command, error) {
	if id != "k1" {
		return devices.Command{}, refusal(devices.NotFound, "", "there is no such command")
	}
	return openCommand(), c.err
}

func (c *control) Commands(_ context.Context, q devices.CommandQuery) ([]devices.Command, error) {
	c.asked = q
	return []devices.Command{openCommand()}, c.err
}

func (c *control) Events(_ context.Context, q devices.EventQuery) ([]devices.Event, error) {
	c.asked = q
	return []devices.Event{*gateLive().Last}, c.err
}

func (c *control) ExportEvents(ctx context.Context, q devices.EventQuery) ([]devices.Event, error) {
	return c.Events(ctx, q)
}

func (c *control) Quarantined(_ context.Context, limit int) ([]devices.Quarantined, error) {
	c.asked = limit
	return []devices.Quarantined{{ID: 4, Device: "d1", Site: "s1", Topic: "t", Payload: []byte("hello"), Problem: "seq: must be a number", Why: devices.Malformed, Arrived: noon}}, c.err
}

// keys are the credentials: d1 has one, and so has the integrator i1.
type keys struct {
	err     error
	actor   devices.Actor
	revoked string
	without bool // d1 has none
	only    bool
	shown   credentials.Shown
	many    int // credentials that were made together
}

func (k *keys) IssueDevice(_ context.Context, by devices.Actor, d devices.DeviceID, _ devices.SiteID) (credentials.Issued, error) {
	k.actor = by
	return credentials.Issued{Username: string(d), Password: "secret", CommandKey: "key"}, k.err
}

func (k *keys) IssueDevices(_ context.Context, by devices.Actor, list []credentials.Place) (made []credentials.Issued, err error) {
	k.actor, k.many = by, len(list)
	for _, p := range list {
		made = append(made, credentials.Issued{Username: string(p.Device), Password: "secret", CommandKey: "key"})
	}
	return made, k.err
}

func (k *keys) AdmitCertificate(_ context.Context, by devices.Actor, d devices.DeviceID, _ devices.SiteID, only bool) (credentials.Issued, error) {
	k.actor, k.only = by, only
	return credentials.Issued{Username: string(d)}, k.err
}

func (k *keys) RefuseCertificate(_ context.Context, by devices.Actor, d devices.DeviceID) error {
	k.actor, k.revoked = by, "certificate of "+string(d)
	return k.err
}

func (k *keys) IssueIntegrator(_ context.Context, by devices.Actor, n credentials.NewIntegrator) (credentials.Issued, credentials.Credential, error) {
	k.actor = by
	if n.Ends.IsZero() {
		n.Ends = noon.AddDate(1, 0, 0)
	}
	return credentials.Issued{Username: "i2", Password: "secret"}, credentials.Credential{Username: "i2", Name: n.Name, Sites: n.Sites, Feeds: n.Feeds, Ends: n.Ends}, k.err
}

func (k *keys) RotateIntegrator(_ context.Context, by devices.Actor, username string, ends time.Time) (credentials.Issued, credentials.Credential, error) {
	k.actor, k.revoked = by, "secret of "+username
	if username != "i1" {
		return credentials.Issued{}, credentials.Credential{}, refusal(devices.NotFound, "", "there is no integrator of this user name")
	}
	if ends.IsZero() {
		ends = noon.AddDate(1, 0, 0)
	}
	return credentials.Issued{Username: username, Password: "another"}, credentials.Credential{Username: username, Sites: []devices.SiteID{"s1"}, Ends: ends}, k.err
}

func (k *keys) Revoke(_ context.Context, by devices.Actor, username string) error {
	k.actor, k.revoked = by, username
	return k.err
}

func (k *keys) Get(_ context.Context, username string) (credentials.Credential, error) {
	switch {
	case username == "d1" && !k.without:
		return credentials.Credential{Username: "d1", Holder: credentials.ForDevice, Created: noon, LastUsed: noon.Add(time.Hour), Password: true, Shown: k.shown}, k.err
	case username == "i1":
		return credentials.Credential{Username: "i1", Holder: credentials.ForIntegrator}, k.err
	}
	return credentials.Credential{}, refusal(devices.NotFound, "", "there is no such credential")
}

func (k *keys) List(_ context.Context, h credentials.Holder) ([]credentials.Credential, error) {
	if h != credentials.ForIntegrator {
		return nil, k.err
	}
	return []credentials.Credential{{Username: "i1", Holder: h, Name: "Parking app", Sites: []devices.SiteID{"s1"}, Feeds: []string{"alarm"}, Created: noon, Ends: noon.Add(time.Hour)}}, k.err
}

// timed are the schedules.
type timed struct {
	err   error
	actor devices.Actor
	draft schedule.Draft
	id    schedule.ID
	until time.Time
	key   string
	query schedule.RunQuery
	reach *devices.Reach
}

func aPlan(id schedule.ID, d schedule.Draft) schedule.Schedule {
	if d.Late == "" {
		d.Late = schedule.Skip
	}
	var targets []schedule.Target
	for _, id := range d.Devices {
		targets = append(targets, schedule.Target{Device: id})
	}
	return schedule.Schedule{ID: id, Site: "s1", Targets: targets, Late: d.Late, Days: d.Days, Jitter: d.Jitter, Check: d.Check, Name: d.Name, Cron: d.Cron, TimeZone: d.TimeZone, Action: d.Action,
		Args: d.Args, Paused: d.Paused, SkipLate: d.SkipLate, Next: noon.Add(time.Hour)}
}

func (p *timed) List(context.Context) ([]schedule.Schedule, error) {
	s := aPlan("p1", schedule.Draft{Devices: []devices.DeviceID{"d1"}, Late: schedule.Skip, Name: "Morning", Cron: "30 7 * * *", TimeZone: "Asia/Shanghai", Action: "open", Paused: true, SkipLate: time.Minute})
	s.Next = time.Time{}
	return []schedule.Schedule{s}, p.err
}

func (p *timed) Get(ctx context.Context, id schedule.ID) (schedule.Schedule, error) {
	all, err := p.List(ctx)
	all[0].ID = id
	return all[0], err
}

func (p *timed) Pause(_ context.Context, by devices.Actor, id schedule.ID, until time.Time) (schedule.Schedule, error) {
	p.actor, p.id, p.until = by, id, until
	x := aPlan(id, p.draft)
	x.PausedUntil = until
	return x, p.err
}

func (p *timed) Resume(_ context.Context, by devices.Actor, id schedule.ID) (schedule.Schedule, error) {
	p.actor, p.id = by, id
	return aPlan(id, p.draft), p.err
}

func (p *timed) SkipNext(_ context.Context, by devices.Actor, id schedule.ID) (schedule.Schedule, error) {
	p.actor, p.id = by, id
	x := aPlan(id, p.draft)
	x.LeftOut = schedule.LeftOut{Due: noon, By: by.Name}
	return x, p.err
}

func (p *timed) KeepNext(ctx context.Context, by devices.Actor, id schedule.ID) (schedule.Schedule, error) {
	return p.Resume(ctx, by, id)
}

func (p *timed) RunNow(ctx context.Context, by devices.Actor, id schedule.ID, key string) ([]schedule.Run, error) {
	p.actor, p.key = by, key
	runs, err := p.Runs(ctx, id, 1)
	runs[0].Key, runs[0].By = key, by.Name
	return runs[:1], err
}

func (p *timed) PreviewOf(ctx context.Context, q schedule.PreviewRequest) ([]schedule.PreviewTime, bool, error) {
	return schedule.New(schedule.Deps{Now: func() time.Time { return noon }}).PreviewOf(ctx, q)
}

func (p *timed) DryRun(_ context.Context, d schedule.Draft) (schedule.Schedule, []schedule.Would, error) {
	stack := arbiter.Stack{{Layer: arbiter.Lockdown, Scope: arbiter.Scope{Kind: arbiter.OfSite, Site: "s1"}, Mode: arbiter.LockedDown, Since: noon}}
	return aPlan("", d), []schedule.Would{
		{Device: "d1"},
		{Device: "d2", Outlook: devices.Outlook{Stack: stack, Refuse: refusal(devices.Refused, "action", "locked down by Li")}},
		{Device: "d3", Outlook: devices.Outlook{Absent: "never connected"}},
		{Device: "d4", Invalid: refusal(devices.Invalid, "action", "this device says that it can close")},
	}, p.err
}

func (p *timed) DryRunOf(ctx context.Context, id schedule.ID) (schedule.Schedule, []schedule.Would, error) {
	p.id = id
	return p.DryRun(ctx, p.draft)
}

func (p *timed) History(ctx context.Context, q schedule.RunQuery) ([]schedule.Run, error) {
	p.query = q
	return p.Runs(ctx, "p1", q.Limit)
}

func (p *timed) Statistics(_ context.Context, in *devices.Reach) (schedule.Lateness, error) {
	p.reach = in
	return schedule.Lateness{From: noon, Sent: 3, P50: time.Millisecond, P99: 2 * time.Millisecond, Max: time.Second,
		Outcomes: map[schedule.Outcome]int64{schedule.SentOut: 3, schedule.Skipped: 1}}, p.err
}

func (p *timed) Create(_ context.Context, by devices.Actor, d schedule.Draft) (schedule.Schedule, error) {
	p.actor, p.draft = by, d
	return aPlan("p2", d), p.err
}

func (p *timed) Update(_ context.Context, by devices.Actor, id schedule.ID, d schedule.Draft) (schedule.Schedule, error) {
	p.actor, p.id, p.draft = by, id, d
	return aPlan(id, d), p.err
}

func (p *timed) Delete(_ context.Context, by devices.Actor, id schedule.ID) error {
	p.actor, p.id = by, id
	return p.err
}

func (p *timed) Runs(_ context.Context, id schedule.ID, _ int) ([]schedule.Run, error) {
	return []schedule.Run{
		{Schedule: id, Device: "d1", Site: "s1", Due: noon, At: noon, Claimed: noon, Outcome: schedule.SentOut, Command: "k1", Checked: noon, Result: command.Confirmed},
		{Schedule: id, Device: "d1", Site: "s1", Due: noon, At: noon, Claimed: noon, Outcome: schedule.Skipped, Detail: "too late"},
	}, p.err
}

// books are the ledger.
type books struct {
	err   error
	query ledger.Query
}

func (b *books) Query(_ context.Context, q ledger.Query) (ledger.Page, error) {
	b.query = q
	return ledger.Page{
		Entries: []ledger.Entry{{ID: 5, Device: "d1", EventID: "e1", Site: "s1", Zone: "z1", Seq: 3, Amount: ledger.Money{Amount: 500, Currency: "CNY"},
			For: "parking", Passage: "e0", DeviceTime: noon, ArrivedAt: noon}},
		Rows: 1, Totals: []ledger.Money{{Amount: 500, Currency: "CNY"}},
	}, b.err
}

func (b *books) Export(ctx context.Context, q ledger.Query) ([]ledger.Entry, error) {
	p, err := b.Query(ctx, q)
	p.Entries[0].ArrivedAt, p.Entries[0].Amount.Amount = noon, -1500
	return p.Entries, err
}

func (b *books) Takings(_ context.Context, q ledger.Query, in func(devices.SiteID) *time.Location) ([]ledger.Taking, error) {
	b.query = q
	day := noon.Add(12 * time.Hour).In(in("s1")).Format(time.DateOnly)
	return []ledger.Taking{{Day: day, Site: "s1", Device: "d1", For: "parking", Rows: 3, Money: ledger.Money{Amount: 1205, Currency: "CNY"}}}, b.err
}

// album has one picture: of event e1 of camera c1. It keeps what it was asked for.
type album struct {
	err      error
	asked    pictures.Query
	searched plates.Query
}

type sheet struct{ *bytes.Reader }

func (sheet) Close() error { return nil }

func (a *album) Open(_ context.Context, d devices.DeviceID, e devices.EventID) (pictures.Record, io.ReadSeekCloser, error) {
	if a.err != nil {
		return pictures.Record{}, nil, a.err
	}
	if d != "c1" || e != "e1" {
		return pictures.Record{}, nil, refusal(devices.NotFound, "", "there is no such picture")
	}
	return pictures.Record{Device: d, Event: e, Hash: [32]byte{1, 2, 3}, ArrivedAt: noon}, sheet{bytes.NewReader([]byte("jpeg"))}, nil
}

func (c *control) Zones() []devices.Zone {
	return []devices.Zone{{ID: "z1", Site: "s1", Name: "Yard"}, {ID: "z2", Site: "s2", Name: "Hall"}}
}
