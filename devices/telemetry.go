package devices

import (
	"time"

	"gatehouse/devices/wire"
)

// Telemetry is what a device measured last besides its state. It is kept in memory
// only and told with the next news of the device: its loss is fine. The zero
// Telemetry is none.
type Telemetry struct {
	Voltage     *float64 // of its supply, V
	Temperature *float64 // inside its housing, °C
	Signal      int      // of its radio, dBm; 0: not said
	ArrivedAt   time.Time
}

// handleTelemetry keeps what was measured, unless it comes from an older
// connection than the link speaks of.
func (c *Control) handleTelemetry(u *unit, r Report) error {
	p, err := wire.DecodeTelemetry(r.Payload)
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if r.Epoch >= u.link.Epoch && !r.Arrived.Before(u.live.Telemetry.ArrivedAt) {
		u.live.Telemetry = Telemetry{Voltage: p.Voltage, Temperature: p.Temperature, Signal: int(p.Signal), ArrivedAt: r.Arrived}
	}
	return nil
}
