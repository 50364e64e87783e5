package sim

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"gatehouse/devices/wire"
)

// Memory is what a device remembers when it is switched off.
type Memory struct {
	EventSeq   int64                `json:"eventSeq"`
	CommandSeq int64                `json:"commandSeq"` // the greatest of a command that it dealt with
	BillingSeq int64                `json:"billingSeq"`
	Counters   map[string]int64     `json:"counters"`
	Modes      map[string]string    `json:"modes"` // of its openings, by direction
	Config     Config               `json:"config"`
	Kept       []Message            `json:"kept"` // not acknowledged yet, in order
	Commands   []Remembered         `json:"commands"`
	Billing    *wire.BillingPayload `json:"billing"` // the last one
}

// Remembered is a command that was answered.
type Remembered struct {
	Answer wire.AnswerPayload `json:"answer"`
	Action string             `json:"action"`
	At     time.Time          `json:"at"`
}

// How long, and how many, answered commands are remembered.
const (
	rememberFor  = 2 * time.Hour
	rememberMost = 10_000
)

// clone gives a copy that shares nothing that changes.
func (m *Memory) clone() Memory {
	c := *m
	c.Counters = maps.Clone(m.Counters)
	c.Modes = maps.Clone(m.Modes)
	c.Config.Settings = maps.Clone(m.Config.Settings)
	c.Kept = slices.Clone(m.Kept)
	c.Commands = slices.Clone(m.Commands)
	return c
}

func (m *Memory) answered(id string) (wire.AnswerPayload, bool) {
	i := slices.IndexFunc(m.Commands, func(r Remembered) bool { return r.Answer.ID == id })
	if i < 0 {
		return wire.AnswerPayload{}, false
	}
	return m.Commands[i].Answer, true
}

func (m *Memory) remember(r Remembered) {
	m.Commands = slices.DeleteFunc(m.Commands, func(old Remembered) bool { return r.At.Sub(old.At) > rememberFor })
	if over := len(m.Commands) + 1 - rememberMost; over > 0 {
		m.Commands = slices.Delete(m.Commands, 0, over)
	}
	m.Commands = append(m.Commands, r)
}

// encode is the JSON of a payload type, which always has one.
func encode(payload any) []byte {
	content, err := json.Marshal(payload)
	if err != nil {
		panic("sim: " + err.Error())
	}
	return content
}
