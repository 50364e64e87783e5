package sim

import "fmt"

// Identity is who a device is. The JSON form is that of the devices file.
type Identity struct {
	ID         string `json:"id"`
	Site       string `json:"site"`
	Zone       string `json:"zone"`
	Kind       string `json:"kind"` // gate, turnstile, camera
	Name       string `json:"name"`
	CommandKey []byte `json:"-"`                // 32 bytes
	Camera     string `json:"camera,omitempty"` // id of the camera that watches this gate
	Currency   string `json:"currency"`         // of its billing events, ISO 4217
}

// The kinds of virtual devices.
const (
	Gate      = "gate"
	Turnstile = "turnstile"
	Camera    = "camera"
)

func (i Identity) check() error {
	switch {
	case i.ID == "" || i.Site == "":
		return fmt.Errorf("device %q: want id and site", i.Name)
	case i.Kind != Gate && i.Kind != Turnstile && i.Kind != Camera:
		return fmt.Errorf("device %s: kind %q: want gate, turnstile or camera", i.ID, i.Kind)
	case len(i.CommandKey) != 32:
		return fmt.Errorf("device %s: command key of %d bytes: want 32", i.ID, len(i.CommandKey))
	}
	return nil
}
