package abuse

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// residents are the users of a server that refuses others.
func residents() map[string]string {
	return map[string]string{stranger: "s", "owner": "o", "other": "x"}
}

// unwelcome are CONNECTs that are refused, each for a reason of its own.
func unwelcome(k int) mqtt.Connect {
	id := fmt.Sprint("unwelcome-", k)
	v := versions[k/8%2]
	bad := &mqtt.Will{Topic: "will", Payload: make([]byte, 1000), QoS: 3}
	switch k % 8 {
	case 0:
		return mqtt.Connect{Version: v, ClientID: id, User: "owner", Password: "wrong", Persistent: true}
	case 1:
		return mqtt.Connect{Version: v, ClientID: id, User: "nobody", Password: "wrong", Will: &mqtt.Will{Topic: "will", Payload: make([]byte, 1000)}}
	case 2:
		return mqtt.Connect{Version: v, ClientID: id, User: "owner", Password: "o", Will: bad}
	case 3:
		return mqtt.Connect{Version: v, ClientID: id, User: "owner", Password: "o", Will: &mqtt.Will{Topic: "will/#", Payload: make([]byte, 1000)}}
	case 4:
		return mqtt.Connect{Version: v, ClientID: "taken", User: "other", Password: "x"}
	case 5:
		return mqtt.Connect{Version: v, ClientID: "taken", User: "other", Password: "x", Persistent: true, Will: &mqtt.Will{Topic: "will"}}
	case 6:
		return mqtt.Connect{Version: mqtt.V5, ClientID: id, User: "owner", Password: "o", Will: &mqtt.Will{Topic: "w", Properties: mqtt.Properties{0x7f, 0}}}
	}
	return mqtt.Connect{Version: mqtt.V5, ClientID: id, User: "owner", Password: "o", Properties: mqtt.Properties{}.Number(mqtt.ReceiveMaximum, 0)}
}

// refuseMany opens n connections that are refused, and says how many were not.
func refuseMany(t *testing.T, s *server, n int) int {
	t.Helper()
	var wrong atomic.Int64
	together(n, 16, func(k int) {
		nc, err := raw(s.Addr, k)
		if err != nil {
			t.Error(err)
			return
		}
		defer drop(nc)
		c := unwelcome(k)
		_, _ = nc.Write(mqtt.AppendConnect(nil, c))
		if a := await(nc, c.Version, patience); !a.refused() {
			wrong.Add(1)
			t.Errorf("%d: %s", k%8, a)
		}
	})
	return int(wrong.Load())
}

func TestACrowdThatIsRefusedLeavesNothingBehind(t *testing.T) {
	parallel(t)
	s := embed(t, embedded{Users: residents()})
	owner := s.must(t, mqtt.Connect{ClientID: "taken", User: "owner", Password: "o", Persistent: true})
	if err := owner.SubscribeNow(1, 1, "will/#", "w"); err != nil {
		t.Fatal(err)
	}
	wrong := refuseMany(t, s, 500) // what is made for the first ones stays
	before, open, resident := s.report(t), s.Descriptors(), s.Resident()
	n := prove.Size(2000, 100_000)
	began := time.Now()
	wrong += refuseMany(t, s, n)
	took := time.Since(began)
	prove.Eventually(t, "all connections are gone", func() bool { return s.Descriptors() <= open+5 })
	after := s.report(t)
	if after.Stats.Sessions != before.Stats.Sessions || after.Stats.Connections != before.Stats.Connections {
		t.Errorf("%d sessions, %d connections; before %d, %d", after.Stats.Sessions, after.Stats.Connections, before.Stats.Sessions, before.Stats.Connections)
	}
	if after.Goroutines > before.Goroutines+5 {
		t.Errorf("%d goroutines, before %d", after.Goroutines, before.Goroutines)
	}
	if _, err := ping(owner); err != nil {
		t.Errorf("the owner of the identifier, who is to notice nothing: %v", err)
	}
	limit(t, "memory, KiB", s.Resident()-resident, 8<<10)
	prove.Record(t, "100,000 refused CONNECTs leave nothing behind", "+8 MB, goroutines and descriptors +5, 0 let in, 0 wills",
		fmt.Sprintf("%d refused in %s, %d let in, %s, goroutines %+d, descriptors %+d", n, short(took), wrong,
			mega(s.Resident()-resident), after.Goroutines-before.Goroutines, s.Descriptors()-open))
}
