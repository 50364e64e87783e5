package abuse

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"gatehouse/broker"
	"gatehouse/broker/journal"
	"gatehouse/broker/packet"
)

// childVariable holds, in JSON, how this test program embeds the broker when it is
// started again.
const childVariable = "GATEHOUSE_ABUSE_BROKER"

// embedded says how a program embeds the broker. What is zero is the broker's
// default.
type embedded struct {
	Limits   broker.Limits
	Users    map[string]string // names and passwords; nil lets everybody in
	Sessions int               // of one user; 0: any number
	Data     string            // folder; empty: memory only
}

// report is what the program says of itself.
type report struct {
	Goroutines int
	HeapInUse  uint64 // bytes, after a collection
	Stats      broker.Stats
}

// serveEmbedded is main of the program.
func serveEmbedded(spec string) error {
	var e embedded
	if err := json.Unmarshal([]byte(spec), &e); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
	o := broker.Options{Authorizer: e, Log: log, Limits: e.Limits}
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
	return serveAll(ctx, b)
}

// serveAll opens MQTT, WebSocket and a door for questions, and serves until ctx
// ends.
func serveAll(ctx context.Context, b *broker.Broker) error {
	var l [3]net.Listener
	for k := range l {
		var err error
		if l[k], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return err
		}
	}
	ended := make(chan error, 3)
	go func() { ended <- b.Serve(ctx, l[0]) }()
	go func() { ended <- http.Serve(l[1], b.WebSocket()) }()
	go func() { ended <- http.Serve(l[2], http.HandlerFunc(answerFor(b))) }()
	fmt.Printf("ready mqtt=%s ws=%s questions=%s\n", l[0].Addr(), l[1].Addr(), l[2].Addr())
	return <-ended
}

// answerFor collects garbage, gives memory back, and reports.
func answerFor(b *broker.Broker) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		debug.FreeOSMemory()
		debug.FreeOSMemory() // what the first one emptied out of pools
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		_ = json.NewEncoder(w).Encode(report{runtime.NumGoroutine(), m.HeapInuse, b.Stats()})
	}
}

// Connect lets in whoever knows the password of a user.
func (e embedded) Connect(_ context.Context, r broker.ConnectRequest) (broker.Grant, error) {
	if e.Users == nil {
		return grant{"anybody", 0}, nil
	}
	if password, known := e.Users[r.Username]; !known || password != string(r.Password) {
		return nil, &broker.Refusal{Reason: packet.BadUserNameOrPassword, Detail: "user " + r.Username}
	}
	return grant{r.Username, e.Sessions}, nil
}

// grant lets a user do everything.
type grant struct {
	user     string
	sessions int
}

func (g grant) Identity() string         { return g.user }
func (g grant) Sessions() int            { return g.sessions }
func (g grant) Valid() bool              { return true }
func (g grant) MayPublish(string) bool   { return true }
func (g grant) MaySubscribe(string) bool { return true }
