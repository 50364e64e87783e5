package rights

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"

	"gatehouse/broker"
	"gatehouse/broker/journal"
	"gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// childVariable holds, in JSON, how this test program embeds the broker when it is
// started again.
const childVariable = "GATEHOUSE_RIGHTS_BROKER"

// embedded says how a program embeds the broker.
type embedded struct {
	Data     string // folder; empty: memory only
	Rules    map[string]rule
	Commands []string
	Oversees bool // the Authorizer is an Overseer
}

// rule is what a user may do. Its password is its name.
type rule struct {
	Publish, Read []string // filters
	Disabled      bool
}

// order changes the rule of a user, has Recheck ask for it, or has it forgotten.
type order struct {
	User            string
	Rule            *rule
	Recheck, Forget bool
}

// proof is the method of enhanced authentication that the program knows: the client
// names a user, is given something that was never there before, and answers with
// that, signed by the user's secret, which is its name.
const proof = "PROOF"

// Begin implements broker.Exchanger.
func (p *program) Begin(_ context.Context, r broker.ConnectRequest) (broker.Exchange, error) {
	if r.Method != proof {
		return nil, &broker.Refusal{Reason: packet.BadAuthenticationMethod, Detail: r.Method}
	}
	return &exchange{p: p}, nil
}

type exchange struct {
	p      *program
	user   string
	number []byte
}

// Step implements broker.Exchange.
func (x *exchange) Step(_ context.Context, data []byte) ([]byte, broker.Grant, error) {
	if x.number == nil {
		x.user, x.number = string(data), make([]byte, 16)
		_, _ = rand.Read(x.number)
		return x.number, nil, nil
	}
	r, known := x.p.known(x.user)
	if !known || r.Disabled || !hmac.Equal(data, signed(x.user, x.number)) {
		return nil, nil, &broker.Refusal{Reason: packet.NotAuthorized, Detail: "user " + x.user}
	}
	return nil, grant{x.p, x.user}, nil
}

func signed(user string, number []byte) []byte {
	h := hmac.New(sha256.New, []byte(user))
	h.Write(number)
	return h.Sum(nil)
}

// report is what the program says of itself.
type report struct {
	Goroutines int
	Stats      broker.Stats
	Clients    []broker.ClientInfo
	Presences  []broker.Presence
}

// program embeds a broker; it is its Authorizer.
type program struct {
	b *broker.Broker

	mu        sync.Mutex
	rules     map[string]rule
	presences []broker.Presence
}

// overseer is a program that also answers for those who are not connected.
type overseer struct{ *program }

// serveEmbedded is main of the program.
func serveEmbedded(spec string) error {
	var e embedded
	if err := json.Unmarshal([]byte(spec), &e); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	p := &program{rules: e.Rules}
	o := broker.Options{Authorizer: p, Log: log, CommandFilters: e.Commands}
	if e.Oversees {
		o.Authorizer = overseer{p}
	}
	if e.Data != "" {
		j, err := journal.Open(ctx, e.Data, journal.Options{Log: log})
		if err != nil {
			return err
		}
		defer j.Close()
		o.Store = j
	}
	b, err := broker.New(ctx, o)
	if err != nil {
		return err
	}
	defer b.Close()
	p.b = b
	b.Watch(p.see)
	return p.serve(ctx)
}

// serve opens MQTT and a door for orders, and serves until ctx ends.
func (p *program) serve(ctx context.Context) error {
	var l [2]net.Listener
	for k := range l {
		var err error
		if l[k], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return err
		}
	}
	ended := make(chan error, 2)
	go func() { ended <- p.b.Serve(ctx, l[0]) }()
	go func() { ended <- http.Serve(l[1], http.HandlerFunc(p.answer)) }()
	fmt.Printf("ready mqtt=%s orders=%s\n", l[0].Addr(), l[1].Addr())
	return <-ended
}

// answer carries out an order, or reports.
func (p *program) answer(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		_ = json.NewEncoder(w).Encode(p.report())
		return
	}
	var o order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if o.Rule != nil {
		p.mu.Lock()
		p.rules[o.User] = *o.Rule
		p.mu.Unlock()
	}
	if o.Recheck {
		p.b.Recheck(o.User)
	}
	if o.Forget {
		p.b.Forget(o.User)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (p *program) report() report {
	debug.FreeOSMemory()
	r := report{Goroutines: runtime.NumGoroutine(), Stats: p.b.Stats(), Clients: p.b.Clients()}
	p.mu.Lock()
	defer p.mu.Unlock()
	r.Presences = slices.Clone(p.presences)
	return r
}

func (p *program) see(c broker.Presence) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.presences = append(p.presences, c)
}

func (p *program) known(user string) (rule, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.rules[user]
	return r, ok
}

func (p *program) ruleOf(user string) rule {
	r, _ := p.known(user)
	return r
}

// Connect lets in whoever knows the password of a user that is not disabled.
func (p *program) Connect(_ context.Context, r broker.ConnectRequest) (broker.Grant, error) {
	if u, known := p.known(r.Username); !known || u.Disabled || string(r.Password) != r.Username {
		return nil, &broker.Refusal{Reason: packet.BadUserNameOrPassword, Detail: "user " + r.Username}
	}
	return grant{p, r.Username}, nil
}

// MayStillPublish implements broker.Overseer.
func (o overseer) MayStillPublish(identity string, _ broker.ClientID, name string) bool {
	g := grant{o.program, identity}
	return g.Valid() && g.MayPublish(name)
}

// grant is what a user may do now.
type grant struct {
	p    *program
	user string
}

func (g grant) Identity() string { return g.user }
func (g grant) Sessions() int    { return 0 }
func (g grant) Valid() bool      { return !g.p.ruleOf(g.user).Disabled }

func (g grant) MayPublish(name string) bool {
	return slices.ContainsFunc(g.p.ruleOf(g.user).Publish, func(f string) bool { return topic.Match(f, name) })
}

func (g grant) MaySubscribe(filter string) bool {
	return slices.ContainsFunc(g.p.ruleOf(g.user).Read, func(f string) bool { return topic.Covers(f, filter) })
}
