package sim

import (
	"maps"
	"strconv"
	"time"

	"gatehouse/devices/wire"
)

// Config is what a device was told to be like. It is kept without power.
type Config struct {
	Revision int64             `json:"revision"`
	Settings map[string]string `json:"settings"`
}

// factory is what a device runs before it was told anything.
var factory = map[string]map[string]string{
	Gate:      {wire.SettingForm: "barrier", wire.SettingPulse: "3000", wire.SettingOpenTime: "60", wire.SettingFail: "safe", wire.SettingHeartbeat: "60"},
	Turnstile: {wire.SettingPulseIn: "3000", wire.SettingPulseOut: "3000", wire.SettingOpenTime: "60", wire.SettingFail: "safe", wire.SettingHeartbeat: "60"},
	Camera:    {wire.SettingHeartbeat: "60"},
}

// configure takes a configuration: whatever revision comes last counts, and nothing
// at all means the factory's. What this kind does not know it leaves out.
func (d *Device) configure(payload []byte) {
	d.told = payload
	if d.ignoring {
		d.log.Info("configuration ignored")
		return
	}
	var c wire.ConfigPayload
	if len(payload) > 0 {
		var err error
		if c, err = wire.DecodeConfig(payload); err != nil {
			d.log.Warn("bad configuration", "err", err)
			return
		}
	}
	d.memory.Config = Config{c.Revision, c.Settings}
	d.remembered()
	d.log.Info("configured", "revision", c.Revision)
	d.sendState()
}

// settings are what the device runs: what it was told, over the factory's.
func (d *Device) settings() map[string]string {
	all := maps.Clone(factory[d.id.Kind])
	for name, value := range d.memory.Config.Settings {
		if _, known := all[name]; known {
			all[name] = value
		}
	}
	return all
}

// lasts is a setting that is a time; the factory's if it makes no sense.
func (d *Device) lasts(name string, unit time.Duration) time.Duration {
	for _, text := range []string{d.settings()[name], factory[d.id.Kind][name]} {
		if n, err := strconv.ParseInt(text, 10, 32); err == nil && n > 0 {
			return time.Duration(n) * unit
		}
	}
	return 0
}

// heartbeat is the longest silence of the device while it is connected.
func (d *Device) heartbeat() time.Duration {
	return min(d.lasts(wire.SettingHeartbeat, time.Second), reportEvery)
}

// IgnoreConfig has the device take no configuration, as a fault; without the fault it
// runs what it was told last.
func (d *Device) IgnoreConfig(on bool) error {
	_, err := ask(d, func() (struct{}, error) {
		d.ignoring = on
		if !on && d.told != nil {
			d.configure(d.told)
		}
		return struct{}{}, nil
	})
	return err
}
