package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"gatehouse/devices/sim"
)

// memoryDir keeps what devices remember when they are switched off: one file for
// each.
type memoryDir struct {
	path string
	log  *slog.Logger
}

func (m *memoryDir) file(id string) string { return filepath.Join(m.path, id+".json") }

// load reads what there is.
func (m *memoryDir) load(ids []sim.Identity) (map[string]sim.Memory, error) {
	if err := os.MkdirAll(m.path, 0o700); err != nil {
		return nil, fmt.Errorf("memory of the devices: %w", err)
	}
	all := map[string]sim.Memory{}
	for _, i := range ids {
		content, err := os.ReadFile(m.file(i.ID))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("memory of a device: %w", err)
		}
		var one sim.Memory
		if err := json.Unmarshal(content, &one); err != nil {
			return nil, fmt.Errorf("memory of a device: %s is damaged (%w); remove it, and the device begins anew", m.file(i.ID), err)
		}
		all[i.ID] = one
	}
	return all, nil
}

// saver gives the function that replaces the file of one device.
func (m *memoryDir) saver(id string) func(sim.Memory) {
	return func(memory sim.Memory) {
		if err := m.save(id, memory); err != nil {
			m.log.Error("memory of a device not kept", "device", id, "err", err)
		}
	}
}

func (m *memoryDir) save(id string, memory sim.Memory) error {
	content, err := json.Marshal(memory)
	if err != nil {
		return err
	}
	next := m.file(id) + ".new"
	if err := os.WriteFile(next, content, 0o600); err != nil {
		return err
	}
	return os.Rename(next, m.file(id))
}
