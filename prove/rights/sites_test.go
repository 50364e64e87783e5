package rights

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/property"
)

// together is how many messages or filters are under way at once: few enough for any
// Receive Maximum and packet size.
const together = 20

// crossings counts what was tried between devices, and what went through.
type crossings struct {
	published, asked, got atomic.Int64
	through               atomic.Int64
}

// Devices of many sites try each other's topics, all to all, through the broker of the
// platform with the credentials that the platform gave them (OWASP ASVS 5.0 8.2.2, 8.4.1).
func TestNoDeviceReachesAnotherOneOfItsSiteOrOfOthers(t *testing.T) {
	t.Parallel()
	h := platform(t)
	sites, each := prove.Size(3, 20), prove.Size(4, 50)
	var all []property.Device
	for s := range sites {
		site := h.Site(fmt.Sprint("Site ", s))
		all = append(all, h.Devices(h.Zone(site, "Yard"), "gate", each)...)
	}
	var x crossings
	of := make(chan int)
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			for i := range of {
				x.reaches(t, h, all, i)
			}
		})
	}
	for i := range all {
		of <- i
	}
	close(of)
	work.Wait()
	x.programs(t, h, all)
	events := x.recorded(t, h, all)
	h.Healthy()
	prove.Record(t, fmt.Sprintf("%d sites of %d devices, and a program for each site: all try the topics of all over the broker", sites, each), "0 crossings",
		fmt.Sprintf("%d messages and %d filters tried: %d through, %d messages received, %d events of the devices themselves stored",
			x.published.Load(), x.asked.Load(), x.through.Load(), x.got.Load(), events))
}

func (x *crossings) cross(t *testing.T, what string, args ...any) {
	t.Helper()
	x.through.Add(1)
	t.Errorf(what, args...)
}

// reaches has one device try all the others, and then what is its own.
func (x *crossings) reaches(t *testing.T, h *property.House, all []property.Device, i int) {
	t.Helper()
	d := all[i]
	c := enter(t, h, d, versions[i%2], false)
	defer c.goodbye()
	for from := 0; from < len(all); from += together {
		others := slices.DeleteFunc(slices.Clone(all[from:min(from+together, len(all))]), func(o property.Device) bool { return o.ID == d.ID })
		if len(others) == 0 {
			continue
		}
		x.publishes(t, c, d, others)
		var filters []string
		for k, o := range others {
			filters = append(filters, []string{o.TopicPrefix + "/#", o.Topic("command"), strings.Replace(o.Topic("command"), o.ID, "+", 1), "gatehouse/v1/feed/" + o.Site + "/#"}[(i+k)%4])
		}
		x.asks(t, c, filters, nil)
	}
	x.asks(t, c, []string{d.TopicPrefix + "/command"}, []string{d.TopicPrefix + "/command"})
	if code := c.publish(d.Topic("event"), passage("own", uint64(i+1)), 1, false); code != 0 {
		t.Errorf("%s may not say what is its own: %#x", d.Name, code)
	}
	for _, m := range c.got {
		if !strings.HasPrefix(m.topic, d.TopicPrefix+"/") {
			x.cross(t, "%s received %s", d.ID, m.topic)
		}
		x.got.Add(1)
	}
}

// publishes says something as others, at every QoS. Version 3.1.1 has no words for a refusal: there what was
// stored tells.
func (x *crossings) publishes(t *testing.T, c *client, d property.Device, others []property.Device) {
	t.Helper()
	waits := 0
	for k, o := range others {
		c.id = c.id%60_000 + 1
		p := mqtt.Publish{Topic: []byte(o.Topic([]string{"event", "event", "state"}[k%3])), Payload: []byte(passage("by."+d.ID, uint64(c.id))), QoS: byte(k % 3), ID: c.id, Retain: k%5 == 0}
		if p.QoS > 0 {
			waits++
		}
		c.Publish(p)
		x.published.Add(1)
	}
	c.deadline()
	if err := c.Flush(); err != nil {
		t.Errorf("%s was cut: %v", d.ID, err)
		return
	}
	for waits > 0 {
		p, alive := c.step()
		if !alive {
			t.Errorf("%s was cut: %#x", d.ID, c.said)
			return
		}
		if p.Type != mqtt.PUBACK && p.Type != mqtt.PUBREC {
			continue
		}
		waits--
		if c.v == mqtt.V5 && p.Code != 0x87 {
			x.cross(t, "%s published as another one: %#x", d.ID, p.Code)
		}
		if p.Type == mqtt.PUBREC && p.Code < 0x80 {
			c.Ack(mqtt.PUBREL, p.ID)
		}
	}
}

// asks subscribes; only what may be read is granted.
func (x *crossings) asks(t *testing.T, c *client, filters, may []string) {
	t.Helper()
	c.id = c.id%60_000 + 1
	for i, code := range c.subscribe(1, filters...) {
		x.asked.Add(1)
		switch granted := code < 0x80; {
		case granted && !slices.Contains(may, filters[i]):
			x.cross(t, "%q is granted", filters[i])
		case !granted && slices.Contains(may, filters[i]):
			t.Errorf("%q is refused with %#x", filters[i], code)
		}
	}
}

// programs are foreign ones, each let in for one site: they read its feed, and nothing else.
func (x *crossings) programs(t *testing.T, h *property.House, all []property.Device) {
	t.Helper()
	var sites, feeds []string
	for _, d := range all {
		if !slices.Contains(sites, d.Site) {
			sites, feeds = append(sites, d.Site), append(feeds, "gatehouse/v1/feed/"+d.Site+"/#")
		}
	}
	h.Prove()
	for i, site := range sites {
		var made struct{ Username, Password string }
		h.Must("POST", "/integrators", property.Body{"name": "Program of " + site, "sites": []string{site}}, 201, &made)
		conn, err := mqtt.Dial(h.MQTT(), mqtt.Options{Timeout: patience, Connect: mqtt.Connect{Version: mqtt.V5, ClientID: "program " + site, User: made.Username, Password: made.Password}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Cut)
		c := &client{Conn: conn, t: t, v: mqtt.V5}
		for from := 0; from < len(all); from += together {
			some := all[from:min(from+together, len(all))]
			x.publishes(t, c, property.Device{ID: made.Username}, some)
			var filters []string
			for _, o := range some {
				filters = append(filters, o.TopicPrefix+"/#")
			}
			x.asks(t, c, filters, nil)
		}
		x.asks(t, c, feeds, feeds[i:i+1])
		c.settle()
		for _, m := range c.got {
			if !strings.HasPrefix(m.topic, strings.TrimSuffix(feeds[i], "#")) {
				x.cross(t, "the program of %s received %s", site, m.topic)
			}
			x.got.Add(1)
		}
		c.goodbye()
	}
}

// recorded looks at what the platform stored of each device: the one event that it said itself.
func (x *crossings) recorded(t *testing.T, h *property.House, all []property.Device) (events int) {
	t.Helper()
	for _, d := range all {
		var list struct{ Events []struct{ ID string } }
		h.Get("/events?limit=100&device="+d.ID, &list)
		for _, e := range list.Events {
			if events++; e.ID != "own" {
				x.cross(t, "an event of %s is %s", d.ID, e.ID)
			}
		}
		var seen struct {
			Device struct{ ReportedAt *string }
		}
		h.Get("/devices/"+d.ID, &seen)
		if seen.Device.ReportedAt != nil {
			x.cross(t, "somebody reported the state of %s", d.ID)
		}
	}
	if events != len(all) {
		t.Errorf("%d events are stored, want %d", events, len(all))
	}
	var q struct {
		Messages []struct{ Device, Topic string }
	}
	h.Get("/quarantine", &q)
	for _, m := range q.Messages {
		x.cross(t, "%s of %s came to quarantine", m.Topic, m.Device)
	}
	return events
}
