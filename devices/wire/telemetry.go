package wire

// TelemetryPayload is what a device measures besides its state. Its loss is fine:
// the next one replaces it. Every measure may be left out.
type TelemetryPayload struct {
	At          int64    `json:"at"`                    // device clock, Unix ms
	Voltage     *float64 `json:"voltage,omitempty"`     // of its supply, V, 0 to 1000
	Temperature *float64 `json:"temperature,omitempty"` // inside its housing, °C, -100 to 200
	Signal      int64    `json:"signal,omitempty"`      // of its radio, dBm, -150 to -1
}

// DecodeTelemetry reads a TelemetryPayload.
func DecodeTelemetry(payload []byte) (TelemetryPayload, error) {
	f := parse(payload)
	return finish(f, TelemetryPayload{
		At:          f.time("at"),
		Voltage:     f.measure("voltage", 0, 1000),
		Temperature: f.measure("temperature", -100, 200),
		Signal:      f.integer("signal", minSignal, -1, false),
	})
}
