package sim

import "gatehouse/devices/wire"

// What a virtual device measures in good health.
const (
	supply = 24.1 // V
	warmth = 31.5 // °C
)

// measure says what the device measures. It may be lost.
func (d *Device) measure() {
	if d.mail.link == nil {
		return
	}
	volts, degrees := supply, warmth
	d.send(wire.Telemetry, wire.TelemetryPayload{At: d.now(), Voltage: &volts, Temperature: &degrees, Signal: signal}, 0, false)
}
