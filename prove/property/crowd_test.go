package property

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// idle is a device that does what the contract asks of one at rest, and nothing else:
// it reports every minute, and pings.
type idle struct {
	Device
	line *mqtt.Conn
	mu   sync.Mutex // guards writing
	id   uint16
}

func (d *idle) connect(address string) error {
	if err := d.dial(address); err != nil {
		return err
	}
	go drain(d.line)
	return d.report()
}

// dial connects and subscribes; nobody reads yet.
func (d *idle) dial(address string) error {
	c, err := mqtt.Dial(address, mqtt.Options{Timeout: served.Patience, ReadBuffer: 512, Connect: mqtt.Connect{
		ClientID: d.ClientID, User: d.Username, Password: d.Password, KeepAlive: 60,
		Will: &mqtt.Will{Topic: d.Topic("status"), Payload: []byte(`{"status":"offline"}`), QoS: 1, Retain: true},
	}})
	if err != nil {
		return err
	}
	d.line = c
	c.Subscribe(1, 1, d.Topic("command"), d.Topic("config"))
	c.Subscribe(2, 0, d.Topic("time"))
	return nil
}

// report says again what it is: closed, as ever.
func (d *idle) report() error {
	state, err := json.Marshal(map[string]any{
		"at": time.Now().UnixMilli(), "mode": "controlled", "physical": "closed", "firmware": "1.0",
		"capabilities": []string{"open", "close", "stop", "mode"}, "counters": map[string]int{"in": 12, "out": 9},
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.id = d.id%1000 + 3
	d.line.Publish(mqtt.Publish{Topic: []byte(d.Topic("state")), Payload: state, QoS: 1, Retain: true, ID: d.id})
	return d.line.Flush()
}

// TestThousandsOfDevicesAtRestCostLittleAndAreBackOnTheFeedAtOnce has many devices
// online at rest for a while, and then restarts the server.
func TestThousandsOfDevicesAtRestCostLittleAndAreBackOnTheFeedAtOnce(t *testing.T) {
	n, span := prove.Size(500, 10_000), time.Duration(prove.Size(5, 60))*time.Second
	h := open(t, Options{Env: []string{"GATEHOUSE_MQTT_MAX_CONNECTIONS_PER_ADDRESS=20000"}})
	site := h.Site("East")
	h.Zone(site, "Garage")
	r := h.reader(site)
	all := make([]*idle, n)
	for i, d := range h.enrol(t, "East", "Garage", n) {
		all[i] = &idle{Device: d}
	}
	w := h.watch(t, r, site)
	each(t, all, func(d *idle) error { return d.connect(h.MQTT()) })
	prove.Eventually(t, "all devices are online", func() bool { return w.online() == n })
	w.end()                // who reads costs, too
	<-time.After(span / 5) // what the crowd cost is over

	before, began := h.Server().Processor(), time.Now()
	every := time.NewTicker(time.Minute / time.Duration(n))
	for i := 0; time.Since(began) < span; i++ {
		<-every.C
		if err := all[i%n].report(); err != nil {
			t.Fatal(err)
		}
	}
	every.Stop()
	percent := 100 * (h.Server().Processor() - before).Seconds() / time.Since(began).Seconds()
	resident := h.Server().Resident() >> 10
	if got := h.online(t); got != n {
		t.Errorf("%d devices of %d are online", got, n)
	}
	prove.Record(t, fmt.Sprintf("%d devices online at rest, each reports every minute", n), "250 MB, 5 % of a core",
		fmt.Sprintf("%d MiB, %.1f %%", resident, percent))

	asked := time.Now()
	_, body, err := h.Ask("GET", "/live/snapshot", nil)
	if err != nil {
		t.Fatal(err)
	}
	prove.Record(t, fmt.Sprintf("snapshot of %d devices in one read", n), "–",
		fmt.Sprintf("%s, %d KiB", time.Since(asked).Round(time.Millisecond), len(body)>>10))

	h.Kill()
	h.Start()
	w = h.watch(t, r, site)
	prove.Eventually(t, "the feed has every device", func() bool { count, _ := w.devices(); return count == n })
	_, last := w.devices()
	rebuilt := last.Sub(h.Server().Began)
	prove.Record(t, fmt.Sprintf("feed of %d devices, all online before, after a kill: from the start of the process", n), "3 s",
		fmt.Sprintf("%s, of which %s until it is ready", rebuilt.Round(time.Millisecond), h.Server().Ready.Round(time.Millisecond)))
	if prove.Full() && (resident > 250 || percent > 5 || rebuilt > 3*time.Second) {
		t.Error("too much")
	}
	h.Healthy()
}

// each does something with each device, some at a time; the first error fails the test.
func each[D any](t *testing.T, all []D, do func(D) error) {
	t.Helper()
	next, errs := make(chan D), make(chan error, len(all))
	var work sync.WaitGroup
	for range 32 {
		work.Go(func() {
			for d := range next {
				errs <- do(d)
			}
		})
	}
	for _, d := range all {
		next <- d
	}
	close(next)
	work.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
