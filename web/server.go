package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
)

// Deps are the parts behind the handlers. All but DeviceCA, Certificates, the
// addresses, Version, Origins, Proxies, PublicURL, Ready, Log and Now are required.
type Deps struct {
	Setup             Setup
	Sessions          Sessions
	Rights            Rights
	Roles             Roles
	People            People
	Factors           Factors
	APITokens         APITokens
	Booths            Booths
	PINs              PINs
	Tickets           Tickets
	Live              Live
	Places            Places
	Registry          Registry
	Configurer        Configurer
	Changes           Changes
	DeviceCredentials DeviceCredentials
	Lobby             Lobby
	Doorman           Doorman
	Commander         Commander
	Batches           Batches
	Layers            Layers
	Fires             Fires
	Events            Events
	Presence          Presence
	Alarms            Alarms
	Staff             Staff
	Statistics        Statistics
	Replays           Replays
	Pictures          Pictures
	Plates            Plates
	Plans             Plans
	Ledger            Ledger
	Quarantine        Quarantine
	Schedules         Schedules
	Calendar          Calendar
	Timetables        Timetables
	Shifts            Shifts
	Integrators       Integrators
	Audit             Audit
	AuditChain        AuditChain
	Refusals          Refusals
	BrokerClients     BrokerClients
	Bans              Bans
	RetainedMessages  RetainedMessages
	BrokerCounts      BrokerCounts
	Tracer            Tracer
	BrokerTopics      BrokerTopics
	TestTickets       TestTickets
	System            System
	Backups           Backups
	MQTT              http.Handler // the broker's WebSocket
	// Certificates are those that the server shows now; nil: it has none.
	Certificates func() []Certificate

	// TopicPrefix is what every topic of a device begins with, without a slash at its end.
	TopicPrefix func(devices.Device) string
	DeviceCA    bool   // whether certificates of devices are verified
	MQTTAddress string // host:port that devices and programs are told to connect to
	// MQTTSAddress is the same of MQTT over TLS; empty: there is none.
	MQTTSAddress string
	Version      string // of this build, for X-Gatehouse-Version

	// Proxies are believed when they say who the client is and that it came by HTTPS.
	Proxies []netip.Prefix
	// PublicURL is the origin that people type, if a proxy shows the server another Host.
	PublicURL string
	// Origins may open MQTT over WebSocket besides the console's own.
	Origins []string

	// Ready is nil while everything behind works; asked by /readyz.
	Ready func(context.Context) error
	Log   *slog.Logger
	Now   func() time.Time
}

// Server is the HTTP face. Make it with New, run it with Serve.
type Server struct {
	deps    Deps
	access  map[route]rule
	router  *gin.Engine
	api     *api
	handler http.Handler
	now     func() time.Time
}

// The limits of the HTTP server. They do not touch a connection once it was
// taken over by the broker: net/http clears its deadlines then.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
	stopTimeout   = 5 * time.Second
)

// New builds the server; nothing runs yet. A part that is missing or wrong is an
// error that names it.
func New(d Deps) (*Server, error) {
	if err := d.complete(); err != nil {
		return nil, err
	}
	s := &Server{deps: d, access: accessTable(), now: d.Now}
	if err := s.build(); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return s, nil
}

// Handler is the whole server as a handler, for tests of other packages.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers on l until ctx ends, lets running requests finish for 5 s, and
// gives nil then. It closes l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.deps.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan struct{})
	var failed error
	go func() {
		defer close(ended)
		failed = srv.Serve(l)
	}()
	select {
	case <-ended:
		return fmt.Errorf("web: serve %s: %w", l.Addr(), failed)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err := srv.Shutdown(stop)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close() // whoever still talks after 5 s is cut
	}
	<-ended
	if err != nil {
		return fmt.Errorf("web: stop: %w", err)
	}
	return nil
}

// complete fills in what may be left out and names what must not be.
func (d *Deps) complete() error {
	for _, p := range []struct {
		name    string
		missing bool
	}{
		{"Setup", d.Setup == nil}, {"Sessions", d.Sessions == nil}, {"Rights", d.Rights == nil}, {"Roles", d.Roles == nil}, {"People", d.People == nil}, {"Factors", d.Factors == nil}, {"APITokens", d.APITokens == nil}, {"Booths", d.Booths == nil}, {"PINs", d.PINs == nil}, {"Tickets", d.Tickets == nil},
		{"Live", d.Live == nil}, {"Places", d.Places == nil}, {"Registry", d.Registry == nil}, {"Configurer", d.Configurer == nil}, {"Changes", d.Changes == nil},
		{"DeviceCredentials", d.DeviceCredentials == nil}, {"Lobby", d.Lobby == nil}, {"Doorman", d.Doorman == nil}, {"Commander", d.Commander == nil}, {"Batches", d.Batches == nil}, {"Layers", d.Layers == nil}, {"Fires", d.Fires == nil},
		{"Events", d.Events == nil}, {"Presence", d.Presence == nil}, {"Statistics", d.Statistics == nil}, {"Replays", d.Replays == nil}, {"Alarms", d.Alarms == nil}, {"Staff", d.Staff == nil}, {"Pictures", d.Pictures == nil}, {"Plates", d.Plates == nil}, {"Ledger", d.Ledger == nil},
		{"Quarantine", d.Quarantine == nil}, {"Schedules", d.Schedules == nil}, {"Calendar", d.Calendar == nil}, {"Timetables", d.Timetables == nil}, {"Shifts", d.Shifts == nil},
		{"Plans", d.Plans == nil},
		{"Integrators", d.Integrators == nil}, {"Audit", d.Audit == nil}, {"AuditChain", d.AuditChain == nil}, {"Refusals", d.Refusals == nil}, {"MQTT", d.MQTT == nil},
		{"BrokerClients", d.BrokerClients == nil}, {"Bans", d.Bans == nil}, {"RetainedMessages", d.RetainedMessages == nil}, {"BrokerCounts", d.BrokerCounts == nil},
		{"Tracer", d.Tracer == nil}, {"BrokerTopics", d.BrokerTopics == nil}, {"TestTickets", d.TestTickets == nil}, {"System", d.System == nil}, {"Backups", d.Backups == nil},
		{"TopicPrefix", d.TopicPrefix == nil},
	} {
		if p.missing {
			return fmt.Errorf("web: Deps.%s is missing", p.name)
		}
	}
	if d.Certificates == nil {
		d.Certificates = func() []Certificate { return nil }
	}
	if d.Ready == nil {
		d.Ready = func(context.Context) error { return nil }
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return nil
}
