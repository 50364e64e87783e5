// Package property starts the whole server as a stranger would, in a process of its
// own, and lives on it: an administrator who sets it up over the API, a site with
// zones and devices, and devices that keep their own truth, in this process.
//
//	h := property.Open(t, property.Options{Binary: path})
//	zone := h.Zone(h.Site("East"), "Garage")
//	gates := h.Devices(zone, "gate", 20)
//	s := h.Simulate(gates, h.MQTT, 1)   // virtual devices on the net, through every restart
//	c, err := gates[0].Connect(h.MQTT(), mqtt.V5, false) // or one on raw bytes
//	h.Kill()
//	h.Start()                           // the same data folder, other ports
//
// What it promises: nothing here is of the server's code but devices/sim and
// devices/wire, which a maker of devices has; whatever is asked over the API is asked
// as a browser does; a bad line (Line) stays at its address when the server moves.
//
// Its tests are the suites that judge a whole property. What a device said is in its
// own memory, and is compared with what the server shows.
package property
