package property

import (
	"context"
	"sync"
	"testing"

	"gatehouse/devices/sim"
	"gatehouse/devices/wire"
)

// Simulated are virtual devices that live on the net until the test ends.
type Simulated struct {
	*sim.Fleet
	end func()

	mu   sync.Mutex
	said map[wire.Channel]map[string]string // what must arrive: payload by topic, and id where it has one
}

// Simulate puts virtual devices on the net, which move speed times as fast as real
// ones, each on a connection of its own to what address gives at that moment. They
// connect again whenever they lose it.
func (h *House) Simulate(of []Device, address func() string, speed float64) *Simulated {
	h.t.Helper()
	return Simulate(h.t, of, address, func(sim.Identity) sim.Options { return sim.Options{Speed: speed} })
}

// Simulate is House.Simulate with options of each device.
func Simulate(t testing.TB, of []Device, address func() string, options func(sim.Identity) sim.Options) *Simulated {
	t.Helper()
	ids := make([]sim.Identity, len(of))
	for i, d := range of {
		var err error
		if ids[i], err = d.identity(); err != nil {
			t.Fatal(err)
		}
	}
	fleet, err := sim.NewFleet(ids, options)
	if err != nil {
		t.Fatal(err)
	}
	s := &Simulated{Fleet: fleet, said: map[wire.Channel]map[string]string{}}
	ctx, cancel := context.WithCancel(context.Background())
	var life sync.WaitGroup
	life.Go(func() { _ = fleet.Run(ctx) })
	for i, d := range of {
		l := &line{device: fleet.Devices()[i], login: d, address: address, said: s.note}
		life.Go(func() { l.run(ctx) })
	}
	s.end = sync.OnceFunc(func() { cancel(); life.Wait() })
	t.Cleanup(s.end)
	return s
}

// Off cuts the power of all devices.
func (s *Simulated) Off() { s.end() }

// note keeps what a device handed over, once.
func (s *Simulated) note(m sim.Message) {
	key := m.Topic
	if m.Channel != wire.Picture {
		key += " " + idOf(m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said[m.Channel] == nil {
		s.said[m.Channel] = map[string]string{}
	}
	s.said[m.Channel][key] = string(m.Payload)
}

// Said is what the devices handed over on a channel of messages that must arrive,
// each once.
func (s *Simulated) Said(c wire.Channel) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]string, 0, len(s.said[c]))
	for _, payload := range s.said[c] {
		list = append(list, payload)
	}
	return list
}
