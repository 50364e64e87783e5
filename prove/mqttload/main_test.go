package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"

	"gatehouse/broker"
)

// everybody lets every client in with every right.
type everybody struct{}

func (everybody) Connect(context.Context, broker.ConnectRequest) (broker.Grant, error) {
	return everybody{}, nil
}
func (everybody) Identity() string         { return "anonymous" }
func (everybody) Sessions() int            { return 0 }
func (everybody) Valid() bool              { return true }
func (everybody) MayPublish(string) bool   { return true }
func (everybody) MaySubscribe(string) bool { return true }

// serve runs a broker until the test ends. Only tests know it: the generator is
// foreign to it.
func serve(t *testing.T) (address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b, err := broker.New(ctx, broker.Options{Authorizer: everybody{}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- b.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func TestEveryModeGetsAllOfWhatItSent(t *testing.T) {
	t.Parallel()
	address := serve(t)
	for _, args := range []string{
		"flow -qos 0 -pubs 2 -count 200", "flow -qos 1 -pubs 3 -subs 2 -count 300", "flow -qos 2 -pubs 3 -count 300 -window 7",
		"pairs -n 5 -qos 1 -count 200", "pairs -n 5 -qos 2 -count 200", "flow -persistent -pubs 3 -count 300", "pairs -persistent -n 5 -count 200 -qos 2", "fanout -subs 20 -count 50",
		"retained -n 300", "retained -n 300 -qos 0", "storm -n 40", "rtt -n 3 -count 50", "rtt -n 3 -count 50 -qos 2", "conns -n 50",
		"ack -count 100", "ack -pubs 4 -window 16 -count 400 -qos 2", "ack -count 50 -rate 2000 -window 50",
	} {
		var machine, people bytes.Buffer
		code := run(append(strings.Fields(args), "-address", address), &machine, &people)
		var r result
		if err := json.Unmarshal(machine.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v: %s", args, err, people.String())
		}
		if code != 0 || r.Sent == 0 || r.Wanted == 0 || r.Received != r.Wanted || r.Lost+r.Doubled+r.Disordered+r.Foreign != 0 {
			t.Errorf("%s: exit code %d: %s", args, code, people.String())
		}
	}
}

func TestWrongUseIsRefusedWithWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                             "usage: mqttload MODE",
		"fly":                          `a mode expected, "fly" came`,
		"flow -address 192.0.2.1:1883": "-address like 127.0.0.1:1883",
		"flow -address localhost:1883": "-address like 127.0.0.1:1883",
		"flow -qos 3":                  "-qos of 0 to 2 expected, 3 came",
		"flow -size 3":                 "-size of 16 to 1048576 expected, 3 came",
		"flow -count 999999999":        "-count of 1 to 20000000 expected",
		"flow -qos 0 -window 0":        "-window of 1 to 65535 expected, 0 came",
		"flow -n 1":                    "flag provided but not defined: -n",
		"flow -limit 48h":              "-limit of at most 1h0m0s expected",
	} {
		var machine, people bytes.Buffer
		if code := run(strings.Fields(args), &machine, &people); code != 2 || !strings.Contains(people.String(), want) {
			t.Errorf("%q: exit code %d, %q; want %q", args, code, people.String(), want)
		}
	}
}

func TestABrokerThatIsNotThereIsSaid(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	var machine, people bytes.Buffer
	if code := run([]string{"flow", "-address", address}, &machine, &people); code != 1 || !strings.Contains(people.String(), "FAILED") {
		t.Errorf("exit code %d, %q", code, people.String())
	}
}
