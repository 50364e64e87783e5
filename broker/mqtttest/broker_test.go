package mqtttest

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"net"
	"strings"
	"testing"

	"gatehouse/broker"
	bp "gatehouse/broker/packet"
	"gatehouse/broker/topic"
)

// foreign is the address of a server that is not ours.
var foreign = flag.String("broker", "", "address of the MQTT server to test; empty: the broker of this module, in this process")

// server gives the address of a server that lets everybody in and may do
// everything, with limits of its own choice.
func server(t testing.TB) string {
	t.Helper()
	if *foreign != "" {
		return *foreign
	}
	return own(t, nil)
}

// own gives the address of a server of this module that the test makes as it needs
// it. With a foreign server there is none, and the test is skipped.
func own(t testing.TB, change func(*broker.Options)) string {
	t.Helper()
	_, address := made(t, change)
	return address
}

// made is own for those who need the broker too.
func made(t testing.TB, change func(*broker.Options)) (*broker.Broker, string) {
	t.Helper()
	if *foreign != "" {
		t.Skip("needs a server with limits or rights of its own")
	}
	o := broker.Options{Authorizer: doorman{}}
	if change != nil {
		change(&o)
	}
	b, err := broker.New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, broker.ErrClosed) { // a test may close it
			t.Errorf("Serve: %v", err)
		}
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return b, l.Addr().String()
}

// doorman lets everybody in as the identity of the user name, who may do
// everything but what is below "denied/". The password "wrong" is wrong.
type doorman struct{}

func (doorman) Connect(_ context.Context, r broker.ConnectRequest) (broker.Grant, error) {
	if string(r.Password) == "wrong" {
		return nil, &broker.Refusal{Reason: bp.BadUserNameOrPassword, Detail: "wrong password"}
	}
	return right{r.Username}, nil
}

type right struct{ user string }

func (r right) Identity() string              { return r.user }
func (right) Sessions() int                   { return 0 }
func (right) Valid() bool                     { return true }
func (right) MayPublish(name string) bool     { return !strings.HasPrefix(name, "denied/") }
func (right) MaySubscribe(filter string) bool { return !topic.Overlaps(filter, "denied/#") }

// anybody lets everybody in and may do everything, also with filters that are wider
// than those of doorman.
type anybody struct{}

func (anybody) Connect(_ context.Context, r broker.ConnectRequest) (broker.Grant, error) {
	return allRights{right{r.Username}}, nil
}

type allRights struct{ right }

func (allRights) MayPublish(string) bool   { return true }
func (allRights) MaySubscribe(string) bool { return true }

// unguarded is server for tests with filters like "#".
func unguarded(t testing.TB) string {
	t.Helper()
	if *foreign != "" {
		return *foreign
	}
	return own(t, func(o *broker.Options) { o.Authorizer = anybody{} })
}

// run is another one in each process: a server that is not ours remembers what
// earlier runs left in it.
var run = rand.Text()[:6]

// name gives a topic or client identifier that no other test uses.
func name(t testing.TB, rest string) string { return run + t.Name() + rest }
