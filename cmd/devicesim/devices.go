package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"gatehouse/devices/sim"
	"gatehouse/devices/wire"
)

// devicesFile is the file that names the devices to be, with their secrets.
type devicesFile struct {
	MQTT    string         `json:"mqtt"` // URL of the broker
	Devices []deviceSecret `json:"devices"`
}

// deviceSecret is one device of it.
type deviceSecret struct {
	sim.Identity
	Username   string `json:"username"`
	Password   string `json:"password"`
	CommandKey string `json:"commandKey"` // base64url of 32 bytes
}

func readDevices(path string) (devicesFile, error) {
	content, err := os.ReadFile(path) //nolint:gosec // whoever starts the simulator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return devicesFile{}, fmt.Errorf("devices file %q is not there: server --demo writes it into its data folder at the first start; name it with --devices", path)
	}
	if err != nil {
		return devicesFile{}, fmt.Errorf("devices file: %w", err)
	}
	var f devicesFile
	if err := json.Unmarshal(content, &f); err != nil {
		return devicesFile{}, fmt.Errorf("devices file %q is not what server --demo writes: %w", path, err)
	}
	if len(f.Devices) == 0 {
		return devicesFile{}, fmt.Errorf("devices file %q names no device", path)
	}
	return f, nil
}

// identities are the devices in the order of the file.
func (f devicesFile) identities() ([]sim.Identity, error) {
	list := make([]sim.Identity, len(f.Devices))
	for i, d := range f.Devices {
		if _, err := wire.Parse(wire.Topic(d.Site, d.ID, wire.Status)); err != nil {
			return nil, fmt.Errorf("device %d: site %q, id %q: %w", i+1, d.Site, d.ID, err)
		}
		key, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(d.CommandKey, "="))
		if err != nil {
			return nil, fmt.Errorf("device %s: commandKey: want base64url of 32 bytes", d.ID)
		}
		list[i] = d.Identity
		list[i].CommandKey = key
	}
	return list, nil
}
