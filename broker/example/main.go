// Command example is a program of another module with an MQTT server inside of it.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"

	"gatehouse/broker"
	"gatehouse/broker/access"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	must := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	who, err := access.Open(access.Options{Users: map[string]string{"gate": "secret"}})
	must(err)
	b, err := broker.New(ctx, broker.Options{Authorizer: who})
	must(err)
	must(b.Handle("gates/+", broker.HandlerFunc(func(_ context.Context, from broker.Sender, batch []broker.Incoming) []error {
		for _, m := range batch {
			fmt.Printf("%s says on %s: %s\n", from.Client, m.Topic, m.Payload)
		}
		return make([]error, len(batch)) // nil: this program owns the message now
	})))
	l, err := net.Listen("tcp", append(os.Args, "127.0.0.1:1883")[1])
	must(err)
	fmt.Println("clients may come to", l.Addr())
	must(b.Serve(ctx, l))
	must(b.Close())
}
