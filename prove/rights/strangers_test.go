package rights

import (
	"fmt"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
	"gatehouse/prove/property"
)

// Whoever comes with the identifier of a device and something else than its password harms nothing of it, be it there or
// away.
func TestAWrongPasswordChangesNothingOfADevice(t *testing.T) {
	t.Parallel()
	h := platform(t)
	zone := h.Zone(h.Site("East"), "Garage")
	d, other := h.Device(zone, "gate", "North"), h.Device(zone, "gate", "South")
	var program struct{ Username, Password string }
	h.Must("POST", "/integrators", property.Body{"name": "Lift", "sites": []string{d.Site}}, 201, &program)
	logins := [][2]string{
		{d.Username, "wrong"}, {d.Username, ""}, {"", ""}, {"", d.Password}, {other.Username, other.Password}, {d.Username, other.Password}, {program.Username, program.Password}, {d.Username, d.Password + "x"},
		{d.Username, d.Password[:len(d.Password)-1]}, {"founder", "a long enough passphrase"}, {d.Username + " ", d.Password},
	}
	accepted, harmed, tried, rounds := 0, 0, 0, prove.Size(2, 20)
	for round := range rounds {
		there := round%2 == 0
		c := enter(t, h, d, mqtt.V5, true)
		c.subscribed(1, d.Topic("command"))
		if !there {
			c.goodbye()
		}
		for _, login := range logins {
			for _, v := range versions {
				for _, persistent := range []bool{false, true} {
					tried++
					will := &mqtt.Will{Topic: d.Topic("status"), Payload: []byte("x"), QoS: 1, Retain: true}
					if conn, err := from(t, h.MQTT(), tried, mqtt.Connect{Version: v, ClientID: d.ClientID, User: login[0], Password: login[1], Persistent: persistent, Will: will}); err == nil {
						conn.Cut()
						accepted++
						t.Errorf("%q is let in as the device", login[0])
					}
				}
			}
		}
		if there && !c.settle() {
			harmed++
			t.Errorf("the device was cut: %#x", c.said)
		}
		c.Cut()
		again := enter(t, h, d, mqtt.V5, true)
		if !again.Session {
			harmed++
			t.Error("the session of the device is gone")
		}
		again.goodbye()
	}
	h.Healthy()
	prove.Record(t, "strangers, other devices and programs under the identifier of a device of the platform, there and away", "0 let in, 0 sessions harmed",
		fmt.Sprintf("%d tries: %d let in, %d harmed", tried, accepted, harmed))
}
