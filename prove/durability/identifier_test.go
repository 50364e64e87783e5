package durability

import (
	"fmt"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// Identifiers of publisher and broker go round while some stay open on both
// sides; then the publisher forgets all and uses the same identifiers again.
func TestIdentifiersGoRoundWhileSomeStayOpen(t *testing.T) {
	t.Parallel()
	s := onFolder(t)
	subscribe(t, s.Addr, "subscriber", 2, "t")
	in := &flow.Receiver{Late: 3, Until: prove.Size(1500, 65_000)}
	out := flow.NewSender("t", 2, 50)
	out.Stuck = 5
	first, second := prove.Size(2000, 70_000), prove.Size(500, 5000)
	if !prove.Full() {
		out.ID = 64_500 // is soon round
	}
	wait := both(t, func() error { return roundAndClean(s, out, first, second) }, func() error {
		c, err := dial(s.Addr, "subscriber", mqtt.V311)
		if err != nil {
			return err
		}
		return in.Run(c, nil)
	})
	wait()
	all := flow.Compare(out.Acked, in.Got, out.Begun)
	if all.Lost+all.Doubled+all.Out+all.Invented > 0 || all.Came != first+second {
		t.Errorf("%d sent: %s", first+second, all)
	}
	lively(t, s)
	prove.Record(t, "packet identifiers go round with open flows, and a clean start in the middle uses them again", "0 lost, 0 doubled, 0 out of order",
		fmt.Sprintf("%d messages: %s", first+second, all))
}

// roundAndClean publishes, starts clean with the same identifiers open that it
// takes again, and publishes more.
func roundAndClean(s *server, out *flow.Sender, first, second int) error {
	c, err := dial(s.Addr, "publisher", mqtt.V5)
	if err != nil {
		return err
	}
	if err := out.Run(c, func() bool { return out.Begun < first }); err != nil {
		return err
	}
	_ = c.Close()
	out.ID = out.Open[0].ID - 1
	out.Open = nil
	if c, err = dialWith(s.Addr, mqtt.Connect{ClientID: "publisher", Version: mqtt.V5}); err != nil {
		return err
	}
	defer c.Close()
	if err := out.Run(c, func() bool { return out.Begun < first+second }); err != nil {
		return err
	}
	ender, err := dial(s.Addr, "ender", mqtt.V311)
	if err != nil {
		return err
	}
	defer ender.Close()
	return end(ender, "t", 2)
}
