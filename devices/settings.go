package devices

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"gatehouse/devices/wire"
)

// Settings are how a device is wanted to be. A zero field says nothing of it: the
// device decides by itself.
type Settings struct {
	Form      Form          // of a gate
	Pulse     time.Duration // that a gate's output closes for an opening
	PulseIn   time.Duration // the same of a turnstile's entrance
	PulseOut  time.Duration // and of its exit
	OpenTime  time.Duration // that it may stand open before it is held open too long
	Fail      Fail          // without power
	Heartbeat time.Duration // between its reports, at most
}

// Form of a gate.
type Form string

// The forms of a gate.
const (
	Barrier Form = "barrier" // 道闸
	Sliding Form = "sliding" // 大门
	Door    Form = "door"    // 门禁门
)

// Fail is what an opening does without power.
type Fail string

// The ways to fail.
const (
	FailSafe   Fail = "safe"   // it opens, or can be pushed open
	FailSecure Fail = "secure" // it stays shut
)

// The limits of settings; docs/mqtt.md says why they are so.
const (
	MinPulse     = 100 * time.Millisecond
	MaxPulse     = 30 * time.Second
	MinOpenTime  = 5 * time.Second
	MaxOpenTime  = time.Hour
	MinHeartbeat = 5 * time.Second
	MaxHeartbeat = contractHeartbeat
)

// setting is one of Settings: its name on the wire, its kinds, and how it is
// written and read as a text.
type setting struct {
	name  string
	kinds []KindName
	text  func(Settings) string             // empty: not set
	set   func(*Settings, string) (ok bool) // false: not one of its values
	form  string                            // what would be right

	SettingLimits
}

// SettingLimits are what a setting may be: one of Options, or a whole number of
// units from Min to Max.
type SettingLimits struct {
	Options  []string
	Min, Max int64
	Unit     string // ms, s
}

// settings are all, in the order that people see them in. They are made once: each
// report is compared with them.
var settings = []setting{
	word(wire.SettingForm, []KindName{Gate}, func(s *Settings) *Form { return &s.Form }, Barrier, Sliding, Door),
	span(wire.SettingPulse, []KindName{Gate}, func(s *Settings) *time.Duration { return &s.Pulse }, time.Millisecond, MinPulse, MaxPulse),
	span(wire.SettingPulseIn, []KindName{Turnstile}, func(s *Settings) *time.Duration { return &s.PulseIn }, time.Millisecond, MinPulse, MaxPulse),
	span(wire.SettingPulseOut, []KindName{Turnstile}, func(s *Settings) *time.Duration { return &s.PulseOut }, time.Millisecond, MinPulse, MaxPulse),
	span(wire.SettingOpenTime, []KindName{Gate, Turnstile}, func(s *Settings) *time.Duration { return &s.OpenTime }, time.Second, MinOpenTime, MaxOpenTime),
	word(wire.SettingFail, []KindName{Gate, Turnstile}, func(s *Settings) *Fail { return &s.Fail }, FailSafe, FailSecure),
	span(wire.SettingHeartbeat, Kinds(), func(s *Settings) *time.Duration { return &s.Heartbeat }, time.Second, MinHeartbeat, MaxHeartbeat),
}

// word is a setting that is one of a few words.
func word[W ~string](name string, kinds []KindName, at func(*Settings) *W, words ...W) setting {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return setting{
		name: name, kinds: kinds, form: "one of " + list(words), SettingLimits: SettingLimits{Options: texts},
		text: func(s Settings) string { return string(*at(&s)) },
		set: func(s *Settings, text string) bool {
			*at(s) = W(text)
			return slices.Contains(words, W(text))
		},
	}
}

// span is a setting that is a time, as a whole number of units.
func span(name string, kinds []KindName, at func(*Settings) *time.Duration, unit, low, high time.Duration) setting {
	limits := SettingLimits{Min: int64(low / unit), Max: int64(high / unit), Unit: unit.String()[1:]}
	return setting{
		name: name, kinds: kinds, form: fmt.Sprintf("a whole number from %d to %d (%s)", limits.Min, limits.Max, limits.Unit), SettingLimits: limits,
		text: func(s Settings) string {
			if *at(&s) == 0 {
				return ""
			}
			return strconv.FormatInt(int64(*at(&s)/unit), 10)
		},
		set: func(s *Settings, text string) bool {
			n, err := strconv.ParseInt(text, 10, 32)
			*at(s) = time.Duration(n) * unit
			return err == nil && *at(s) >= low && *at(s) <= high
		},
	}
}

// SettingNames are the names of all settings, in the order that people see them in.
func SettingNames() []string {
	all := settings
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.name
	}
	return names
}

// SettingsFor are the names of the settings that a kind of devices has.
func SettingsFor(k KindName) []string {
	var names []string
	for _, s := range settings {
		if slices.Contains(s.kinds, k) {
			names = append(names, s.name)
		}
	}
	return names
}

// LimitsOf are what a setting may be; false if there is none of that name.
func LimitsOf(name string) (SettingLimits, bool) {
	for _, s := range settings {
		if s.name == name {
			return s.SettingLimits, true
		}
	}
	return SettingLimits{}, false
}

// Texts are the settings as the wire has them: only those that are set.
func (s Settings) Texts() map[string]string {
	texts := map[string]string{}
	for _, one := range settings {
		if text := one.text(s); text != "" {
			texts[one.name] = text
		}
	}
	return texts
}

// SettingError says what is wrong with one setting.
type SettingError struct{ Setting, Message string }

// ReadSettings makes settings for a kind of devices from texts, and says of each
// that is wrong what would be right. Empty texts are not set.
func ReadSettings(k KindName, texts map[string]string) (s Settings, wrong []SettingError) {
	known := settings
	for _, one := range known {
		text := texts[one.name]
		switch {
		case text == "":
		case !slices.Contains(one.kinds, k):
			wrong = append(wrong, SettingError{one.name, fmt.Sprintf("must be left out: a %s has %s", k, list(SettingsFor(k)))})
		case !one.set(&s, text):
			wrong = append(wrong, SettingError{one.name, "must be " + one.form})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if !slices.ContainsFunc(known, func(one setting) bool { return one.name == name }) {
			wrong = append(wrong, SettingError{name, "is no setting: a " + string(k) + " has " + list(SettingsFor(k))})
		}
	}
	if len(wrong) > 0 {
		return Settings{}, wrong
	}
	return s, nil
}

// StoredSettings are settings as a store kept their Texts; they were judged before.
func StoredSettings(texts map[string]string) (s Settings) {
	for _, one := range settings {
		if text := texts[one.name]; text != "" {
			one.set(&s, text)
		}
	}
	return s
}
