package wire

// ConfigPayload is how the platform wants a device to be. It is retained on the
// channel config: a device gets it on each subscription and on every change, keeps
// it without power, and reports the revision that it runs, with the values, in its
// state (StatePayload.Config, Settings). A setting that it does not know it leaves
// out of its report.
type ConfigPayload struct {
	Revision int64             `json:"revision"` // rises with each change of this device's configuration
	Settings map[string]string `json:"settings"` // by name; see the settings below
}

// The settings that the platform may send. Values are texts; numbers are decimal.
const (
	SettingForm      = "form"      // of a gate: barrier, sliding, door
	SettingPulse     = "pulse"     // ms that its output closes for an opening; of a turnstile with the direction: pulse_in, pulse_out
	SettingPulseIn   = "pulse_in"  // ms
	SettingPulseOut  = "pulse_out" // ms
	SettingOpenTime  = "open_time" // s that it may stand open before it is held open too long
	SettingFail      = "fail"      // without power: safe (it opens), secure (it stays shut)
	SettingHeartbeat = "heartbeat" // s between state reports at most
)

// DecodeConfig reads a ConfigPayload. It does not judge the settings: what they
// mean is the device's to know.
func DecodeConfig(payload []byte) (ConfigPayload, error) {
	f := parse(payload)
	return finish(f, ConfigPayload{
		Revision: f.integer("revision", 1, maxInt, true),
		Settings: f.args("settings"),
	})
}
