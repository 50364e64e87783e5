package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/broker"
	"gatehouse/configs"
	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/backup"
	"gatehouse/devices/bans"
	"gatehouse/devices/calendar"
	"gatehouse/devices/credentials"
	"gatehouse/devices/feed"
	"gatehouse/devices/ledger"
	"gatehouse/devices/lobby"
	"gatehouse/devices/operators"
	"gatehouse/devices/pictures"
	"gatehouse/devices/plans"
	"gatehouse/devices/replay"
	"gatehouse/devices/schedule"
	"gatehouse/devices/seal"
	"gatehouse/devices/shift"
	"gatehouse/devices/statistics"
	"gatehouse/devices/timetable"
	"gatehouse/devices/trail"
	"gatehouse/devices/wire"
	"gatehouse/web"
)

// platform is every part that runs, built in the order of its fields: each part
// knows only those above it.
type platform struct {
	trail       *trail.Service
	operators   *operators.Service
	tickets     *operators.Tickets
	apiTokens   *operators.APITokens
	booths      *operators.Booths
	credentials *credentials.Service
	bans        *bans.Service
	lobby       *lobby.Lobby
	refusals    lobby.Refusals
	broker      *broker.Broker
	alarms      *alarms.Service
	control     *devices.Control
	ledger      *ledger.Ledger
	pictures    *pictures.Pictures
	plans       *plans.Service
	schedules   *schedule.Service
	timetables  *timetable.Service
	calendar    *calendar.Service
	shifts      *shift.Service
	statistics  *statistics.Service
	clock       *clock
	tracer      *tracer
	topics      *topicView
	backups     *backup.Service
	system      *system
	web         *web.Server
}

// build makes every part; nothing of the domain moves before the last step, so
// that a part that cannot be built leaves nothing running.
func build(ctx context.Context, cfg configs.Server, g *ground, log *slog.Logger, opened *closers) (*platform, error) {
	p := &platform{}
	var err error
	p.trail, err = trail.New(trail.Deps{Store: g.db.Trail(), Dir: g.dir.path, Keep: cfg.Audit.Keep, Log: log})
	if err != nil {
		return nil, err
	}
	if err := p.trail.Load(ctx); err != nil {
		return nil, err
	}
	hidden, err := seal.New(g.dataKey, "gatehouse second factor")
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	p.operators = operators.New(operators.Deps{Store: g.db.Operators(), Seal: hidden, SetupTokens: g.setup, Refusals: p.trail, Property: property{p}, Log: log})
	if err := p.operators.LoadPolicy(ctx); err != nil {
		return nil, err
	}
	p.tickets = operators.NewTickets(p.operators)
	p.apiTokens = operators.NewAPITokens(p.operators, g.db.APITokens(), log)
	if err := p.apiTokens.Load(ctx); err != nil {
		return nil, err
	}
	p.booths = operators.NewBooths(p.operators, g.db.Booths())
	if err := p.booths.Load(ctx); err != nil {
		return nil, err
	}
	p.credentials, err = credentials.New(credentials.Deps{
		Store: g.db.Credentials(), DataKey: g.dataKey, Sites: g.db.Devices().Sites, Feeds: feed.Kinds(), Log: log,
	})
	if err != nil {
		return nil, err
	}
	if err := p.credentials.Warm(ctx); err != nil {
		return nil, err
	}
	p.bans = bans.New(bans.Deps{Store: g.db.Bans(), Consoles: operators.TicketUsername, Log: log})
	if err := p.bans.Load(ctx); err != nil {
		return nil, err
	}
	p.lobby = lobby.New(p)
	if err := p.buildBroker(ctx, cfg, g, log); err != nil {
		return nil, err
	}
	opened.add(p.broker.Close)
	if err := p.buildDomain(cfg, g, log); err != nil {
		return nil, err
	}
	if err := p.connect(log); err != nil {
		return nil, err
	}
	for _, k := range g.certificates {
		k.OnChange(p.broker.RecheckAll)
	}
	p.tracer = &tracer{broker: p.broker, audit: p.control}
	opened.add(p.tracer.Close)
	p.topics = &topicView{broker: p.broker}
	opened.add(p.topics.Close)
	if err := p.buildWeb(cfg, g, log); err != nil {
		return nil, err
	}
	if err := p.alarms.Load(ctx); err != nil { // first: what control ends at its start is read then
		return nil, err
	}
	return p, p.control.Load(ctx)
}

func (p *platform) buildBroker(ctx context.Context, cfg configs.Server, g *ground, log *slog.Logger) (err error) {
	p.broker, err = broker.New(ctx, broker.Options{
		Store:          g.sessions,
		Authorizer:     &authorizer{operators: p.operators, tickets: p.tickets, credentials: p.credentials, registered: p.registered, badges: g.badges, bans: p.bans, lobby: p.lobby, refusals: &p.refusals},
		Log:            log,
		CommandFilters: []string{wire.Filter(wire.Command)},
		// What a device says of its state is kept by the domain, which stores what is new in
		// it: the retained message need not reach the disk a second time, every minute.
		VolatileFilters: []string{feed.AllFilter(), wire.Filter(wire.Time), wire.Filter(wire.State)},
		Origins:         origins(cfg.HTTP),
		Limits: broker.Limits{
			MaxPacketSize:    uint32(cfg.MQTT.MaxPacketSize),
			ReceiveMaximum:   cfg.MQTT.ReceiveMaximum,
			MaxKeepAlive:     cfg.MQTT.MaxKeepAlive,
			MaxConnections:   cfg.MQTT.MaxConnections,
			MaxSessionExpiry: cfg.MQTT.SessionExpiry,
			SessionExpiry311: cfg.MQTT.SessionExpiry,

			MaxConnectionsPerAddress: cfg.MQTT.PerAddress,
		},
	})
	return err
}

// registered is asked by clients, which come long after control is built.
func (p *platform) registered(id devices.DeviceID) bool {
	_, ok := p.control.Registered(id)
	return ok
}

// property is asked by those who sign in, who come long after control is built.
type property struct{ p *platform }

func (a property) Clocks() devices.Clocks { return a.p.control.Clocks() }

func (a property) Zones() []devices.Zone { return a.p.control.Zones() }

// AddDevice and Record are those of control, which is built after the lobby: people ask
// for them.
func (p *platform) AddDevice(ctx context.Context, a devices.Actor, zone devices.ZoneID, kind devices.KindName, name string) (devices.Live, error) {
	return p.control.AddDevice(ctx, a, zone, kind, name)
}

// Record implements lobby.Registry.
func (p *platform) Record(ctx context.Context, a devices.Actor, verb, object string, detail map[string]any) error {
	return p.control.Record(ctx, a, verb, object, detail)
}

// told, whereIs and modesTaken are asked by alarms while control runs, which is built after them.
func (p *platform) told(s devices.SiteID, z devices.ZoneID, r devices.Revision) {
	p.control.Told(s, z, r)
}

func (p *platform) whereIs(id devices.DeviceID) (devices.Device, bool) {
	return p.control.Registered(id)
}

func (p *platform) modesTaken(id devices.DeviceID) (taken, known bool) {
	return p.control.ModesTaken(id)
}

// happened, placesChanged and calendarChanged are told to timetables, which are built after
// those who tell.
func (p *platform) happened(e devices.Event) { p.timetables.Happened(e) }

func (p *platform) placesChanged() { p.timetables.PlacesChanged() }

func (p *platform) calendarChanged(of devices.SiteID) { p.timetables.CalendarChanged(of) }

// escalation is the configured time of each severity; 0: never.
func escalation(c configs.Alarms) map[alarms.Severity]time.Duration {
	return map[alarms.Severity]time.Duration{
		alarms.Critical: c.Escalate.Critical, alarms.Major: c.Escalate.Major, alarms.Minor: c.Escalate.Minor, alarms.Warning: c.Escalate.Warning,
	}
}

func (p *platform) buildDomain(cfg configs.Server, g *ground, log *slog.Logger) (err error) {
	out := feed.NewPublisher(outlet{p.broker, log}, log)
	p.alarms = alarms.New(alarms.Deps{
		Store: g.db.Alarms(), News: out, Told: p.told, Registered: p.whereIs, ModesTaken: p.modesTaken,
		Escalate: escalation(cfg.Alarms), Log: log,
	})
	p.control = devices.NewControl(devices.Deps{
		Store: g.db.Devices(), Link: link{p.broker}, News: p.alarms.Listen(out), Keys: p.credentials,
		Enrolment: p.credentials, Latch: g.latch, Configs: shelf{p.broker}, KeepChanges: cfg.States.Keep, Happened: p.happened, PlacesChanged: p.placesChanged, Log: log,
	})
	places := registered{p.control}
	p.ledger = ledger.New(ledger.Deps{
		Store: g.db.Ledger(), Quarantine: p.control, Zone: places.Zone, Changed: p.control.TodayChanged, Log: log,
	})
	p.pictures, err = pictures.New(pictures.Deps{
		Store: g.db.Pictures(), Dir: g.dir.file(picturesName), Quarantine: p.control, MaxBytes: int64(cfg.Pictures.MaxBytes),
		Retention: pictures.Retention{Age: cfg.Pictures.Keep, Bytes: int64(cfg.Pictures.Space)},
		Changed:   func(r pictures.Record, rev devices.Revision) { p.control.PictureStored(r.Device, r.Event, rev) }, Log: log,
	})
	if err != nil {
		return err
	}
	p.plans, err = plans.New(plans.Deps{Store: g.db.Plans(), Dir: g.dir.file(plansName), Registry: p.control, Log: log})
	if err != nil {
		return err
	}
	p.calendar, err = calendar.New(calendar.Deps{Store: g.db.Calendar(), Sites: places, Changed: p.calendarChanged})
	if err != nil {
		return err
	}
	p.schedules = schedule.New(schedule.Deps{
		Store: g.db.Schedules(), Sender: p.control, Commands: p.control, Outlook: p.control, Registry: places, Calendar: p.calendar, Changed: p.control.TodayChanged, Now: programClock, Log: log,
	})
	p.timetables = timetable.New(timetable.Deps{
		Store: g.db.Timetables(), Layers: p.control, Places: p.control, Days: p.calendar, Alarm: p.alarms.ModeNotTaken, Changed: p.control.TodayChanged, Now: programClock, Log: log,
	})
	p.shifts = shift.New(shift.Deps{Store: g.db.Shifts(), Device: p.whereIs})
	p.statistics = statistics.New(statistics.Deps{Store: g.db.Statistics(), Places: p.control, Log: log})
	return nil
}

func (p *platform) buildWeb(cfg configs.Server, g *ground, log *slog.Logger) error {
	var err error
	if p.backups, err = p.newBackups(cfg, g, log); err != nil {
		return err
	}
	p.system = p.newSystem(cfg, g)
	look := lookout{broker: p.broker, control: p.control, began: time.Now()}
	p.web, err = web.New(web.Deps{
		Setup: p.operators, Sessions: p.operators, Rights: p.operators, Roles: p.operators, People: p.operators, Factors: p.operators, APITokens: p.apiTokens, Booths: p.booths, PINs: p.operators, Tickets: p.tickets,
		Live: p.control, Places: p.control, Registry: p.control, Commander: p.control, Batches: p.control, Layers: p.control, Fires: p.control, Events: p.control, Presence: p.control,
		Alarms: p.alarms, Staff: p.operators, Statistics: p.statistics, Replays: replay.New(g.db.Replay(), p.control),
		Quarantine: p.control, Audit: p.trail, AuditChain: p.trail, Refusals: p.trail,
		DeviceCredentials: p.credentials, Integrators: p.credentials,
		Lobby:    p.lobby,
		Bans:     p.bans,
		Doorman:  &p.refusals,
		Pictures: p.pictures, Plates: g.db.Plates(), Ledger: p.ledger, Schedules: p.schedules, Calendar: p.calendar, Timetables: p.timetables, Shifts: p.shifts,
		BrokerClients: look, RetainedMessages: look, BrokerCounts: look, Tracer: p.tracer, BrokerTopics: p.topics, TestTickets: testers{tickets: p.tickets, audit: p.control}, System: p.system, Backups: p.backups,
		Plans:       p.plans,
		MQTT:        p.broker.WebSocketWith(broker.Listener{Name: consoleDoor}),
		Configurer:  p.control,
		Changes:     p.control,
		TopicPrefix: func(d devices.Device) string { return wire.Prefix(string(d.Site), string(d.ID)) },
		DeviceCA:    len(g.badges) > 0,
		MQTTAddress: g.mqtt.Addr().String(), MQTTSAddress: g.mqttsAddress(),
		Certificates: g.seenCertificates,
		Version:      version(),
		Proxies:      cfg.HTTP.TrustedProxies(), PublicURL: cfg.HTTP.PublicURL, Origins: cfg.HTTP.Origins,
		Ready: g.healthy,
		Log:   log,
	})
	return err
}

// origins are those whose pages may open MQTT over WebSocket, besides the one that
// the server sees: behind a proxy that is not the one that people type.
func origins(c configs.HTTP) []string {
	if c.PublicURL == "" {
		return c.Origins
	}
	return append([]string{c.PublicURL}, c.Origins...)
}

// run starts every part; each ends with ctx. A part that fails ends the others.
func (p *platform) run(ctx context.Context, group *errgroup.Group, g *ground) {
	group.Go(func() error { return p.trail.Run(ctx) })
	group.Go(func() error { return p.operators.Run(ctx) })
	group.Go(func() error { return p.apiTokens.Run(ctx) })
	group.Go(func() error { return p.credentials.Run(ctx) })
	group.Go(func() error { return p.bans.Run(ctx) })
	group.Go(func() error { return p.control.Run(ctx) })
	group.Go(func() error { return p.alarms.Run(ctx) })
	group.Go(func() error { return p.schedules.Run(ctx) })
	group.Go(func() error { return p.timetables.Run(ctx) })
	group.Go(func() error { return p.statistics.Run(ctx) })
	group.Go(func() error { return p.pictures.Run(ctx) })
	group.Go(func() error { return p.clock.Run(ctx) })
	group.Go(func() error { return p.system.Run(ctx) })
	group.Go(func() error { return p.backups.Run(ctx) })
	group.Go(func() error { return p.broker.ServeWith(ctx, g.mqtt, broker.Listener{Name: mqttDoor}) })
	group.Go(func() error { return newTidying(p.broker.Connections).Run(ctx) })
	if g.mqtts != nil {
		group.Go(func() error { return p.broker.ServeWith(ctx, g.mqtts, broker.Listener{Name: mqttsDoor}) })
	}
	if g.self != nil {
		group.Go(func() error { return g.self.Run(ctx) })
	}
	for _, k := range g.certificates {
		group.Go(func() error { return k.Run(ctx) })
	}
	group.Go(func() error { return p.web.Serve(ctx, g.http) })
	group.Go(func() error { return g.watch(ctx) })
}

// watch fails when the disk of the database can no longer be trusted: nothing may be
// acknowledged after that. Of the broker's own store the broker says it.
func (g *ground) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-g.db.Failed():
		return err
	}
}

// mqttsAddress is where MQTT over TLS is; empty without a certificate.
func (g *ground) mqttsAddress() string {
	if g.mqtts == nil {
		return ""
	}
	return g.mqtts.Addr().String()
}

// healthy is nil while the database answers.
func (g *ground) healthy(ctx context.Context) error {
	_, err := g.db.Devices().Sites(ctx)
	return err
}

// offerSetup gives the setup token in force while there is no administrator; afterwards
// no file keeps one.
func offerSetup(ctx context.Context, p *platform, file setupFile) (token string, err error) {
	if !p.operators.Needed(ctx) {
		return "", file.DropSetupToken()
	}
	t, err := file.offer(time.Now())
	return t.Text, err
}
