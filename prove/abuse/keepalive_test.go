package abuse

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/broker"
	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

func TestAKeepAliveThatIsTooLongIsReplacedAndADeadPeerIsDropped(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{})
	for _, asked := range []uint16{0, 301, 0xffff, 300, 60} {
		c := s.must(t, mqtt.Connect{Version: mqtt.V5, KeepAlive: asked})
		told, there := c.Welcome.GetNumber(mqtt.ServerKeepAlive)
		if want := asked == 0 || asked > 300; there != want || there && told != 300 {
			t.Errorf("keep-alive %d: told %d, %v; want 300 %v", asked, told, there, want)
		}
	}
	bound := time.Duration(prove.Size(1, 5)) * time.Second
	bounded := embed(t, embedded{Limits: broker.Limits{MaxKeepAlive: bound}})
	var mu sync.Mutex
	var all times
	asked := []uint16{0, 0xffff, 0, 0xffff}
	together(len(asked), len(asked), func(k int) {
		began := time.Now() // before the server heard it
		c, err := bounded.dial(mqtt.Connect{Version: versions[k/2], KeepAlive: asked[k]})
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		err = untilEnd(c)
		took := time.Since(began)
		mu.Lock()
		defer mu.Unlock()
		if all = append(all, took); err != nil || took < bound*3/2 {
			t.Errorf("keep-alive %d: dropped after %s, %v; want %s", asked[k], took, err, bound*3/2)
		}
	})
	limit(t, "time until a dead peer is dropped", all.max(), bound*3/2+time.Second)
	prove.Record(t, "a keep-alive of 0 or 65,535 is replaced by 300 s, and a dead peer is dropped at one and a half times", "told 300, dropped at 1.5 times plus 1 s at most",
		fmt.Sprintf("told 300 s; with a bound of %s dropped after %s to %s", bound, short(all.part(0)), short(all.max())))
}

// untilEnd reads until the server ends the connection.
func untilEnd(c *mqtt.Conn) error {
	_ = c.SetReadDeadline(time.Now().Add(2 * patience))
	for {
		p, err := c.Read()
		switch {
		case isTimeout(err):
			return err
		case err != nil:
			return nil
		case p.Type != mqtt.DISCONNECT:
			return fmt.Errorf("%s came", p.Type)
		}
	}
}
