package configs

// Simulator is the configuration of devicesim.
type Simulator struct {
	Devices string  `key:"devices"` // path of the file with the devices and their secrets
	MQTT    string  `key:"mqtt"`    // URL of the broker; empty: as the devices file says
	Control string  `key:"control"` // host:port of the control page
	Speed   float64 `key:"speed"`   // of movements: 2 is twice as fast
	Log     Log     `key:"log"`
}

// DefaultSimulator is the configuration of a simulator that was told nothing.
func DefaultSimulator() Simulator {
	return Simulator{
		Devices: "./data/devices.json",
		Control: "127.0.0.1:8090",
		Speed:   1,
		Log:     defaultLog(),
	}
}
