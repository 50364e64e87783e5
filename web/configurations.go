package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/feed"
)

// Configurer says how devices are wanted to be; devices.Control is one.
type Configurer interface {
	Configure(ctx context.Context, a devices.Actor, d devices.DeviceID, base int64, settings map[string]string) (devices.Live, error)
	Configs(ctx context.Context, d devices.DeviceID, limit int) ([]devices.Configuration, error)
}

// NewConfiguration says how a device is wanted to be.
type NewConfiguration struct {
	Base     int64           `json:"base" minimum:"0" doc:"the revision that this was made from, 0 for the first: if somebody else changed it meanwhile, that is a conflict"`
	Settings map[string]text `json:"settings" maxProperties:"16" doc:"by name, as GET shows them; what is left out the device decides by itself"`
}

// DeviceConfiguration is how a device is wanted to be beside how it says that it is.
type DeviceConfiguration struct {
	Revision   int64            `json:"revision" doc:"of what is wanted; 0: nothing"`
	Changed    *time.Time       `json:"changed" doc:"null: nothing is wanted"`
	By         string           `json:"by" doc:"who changed it last, by name"`
	Status     string           `json:"status" enum:",applied,pending,drifting,unreported,unknown"`
	Reported   int64            `json:"reported" doc:"the revision that the device says it runs; 0: it does not say"`
	ReportedAt *time.Time       `json:"reportedAt" doc:"null: no report since it came online"`
	Settings   []SettingState   `json:"settings" doc:"those that its kind has"`
	Others     []OtherSetting   `json:"others" doc:"what it reports besides: its own affair"`
	History    []ConfigRevision `json:"history" doc:"newest first, at most 20"`
}

// SettingState is one setting of a device.
type SettingState struct {
	Name     string   `json:"name"`
	Options  []string `json:"options" doc:"what it may be; empty: a whole number from min to max"`
	Min      int64    `json:"min"`
	Max      int64    `json:"max"`
	Unit     string   `json:"unit" enum:",ms,s"`
	Desired  string   `json:"desired" doc:"empty: the device decides"`
	Reported string   `json:"reported" doc:"empty: it does not say"`
	Differs  bool     `json:"differs" doc:"it reports something else than what is wanted"`
}

// OtherSetting is one that the platform does not know.
type OtherSetting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ConfigRevision is one revision of what was wanted.
type ConfigRevision struct {
	Revision int64             `json:"revision"`
	At       time.Time         `json:"at"`
	By       feed.Actor        `json:"by"`
	Settings map[string]string `json:"settings"`
}

type configureRequest struct {
	ID   devices.DeviceID `path:"id" minLength:"1" maxLength:"64"`
	Body NewConfiguration
}

// keptRevisions is how many revisions a page shows.
const keptRevisions = 20

func (s *Server) configurationRoutes(a *api) {
	answer := func(ctx context.Context, id devices.DeviceID) (*out[DeviceConfiguration], error) {
		live, err := s.deps.Registry.Device(ctx, id)
		if err != nil {
			return nil, err
		}
		history, err := s.deps.Configurer.Configs(ctx, id, keptRevisions)
		if err != nil {
			return nil, err
		}
		return &out[DeviceConfiguration]{configurationOf(live, history)}, nil
	}
	add(a, operation(http.MethodGet, "/devices/{id}/config", "getDeviceConfig", "devices",
		"How a device is wanted to be beside how it says that it is", 200),
		func(ctx context.Context, i *deviceRequest) (*out[DeviceConfiguration], error) {
			return answer(ctx, i.ID)
		})
	add(a, operation(http.MethodPut, "/devices/{id}/config", "configureDevice", "devices",
		"Say how a device is wanted to be; it is told at once, or when it comes", 200),
		func(ctx context.Context, i *configureRequest) (*out[DeviceConfiguration], error) {
			if _, err := s.deps.Configurer.Configure(ctx, actor(ctx), i.ID, i.Body.Base, texts(i.Body.Settings)); err != nil {
				return nil, err
			}
			return answer(ctx, i.ID)
		})
}

func configurationOf(l devices.Live, history []devices.Configuration) DeviceConfiguration {
	f := feed.DeviceOf(l)
	c := DeviceConfiguration{
		Revision: f.Config.Revision, Changed: instantOrNull(l.Config.At), By: l.Config.By.Name,
		Status: f.Config.Status, Reported: f.Config.Reported, ReportedAt: f.ReportedAt,
		History: each(history, revisionOf), Others: []OtherSetting{},
	}
	own := maps.Clone(l.State.Settings)
	differs := map[string]bool{}
	for _, d := range l.Config.Differences(l.State.Settings) {
		differs[d.Setting] = !l.State.ReportedAt.IsZero()
	}
	desired := l.Config.Settings.Texts()
	for _, name := range devices.SettingsFor(l.Device.Kind) {
		limits, _ := devices.LimitsOf(name)
		c.Settings = append(c.Settings, SettingState{
			Name: name, Options: append([]string{}, limits.Options...), Min: limits.Min, Max: limits.Max, Unit: limits.Unit,
			Desired: desired[name], Reported: own[name], Differs: differs[name],
		})
		delete(own, name)
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		c.Others = append(c.Others, OtherSetting{name, own[name]})
	}
	return c
}

func revisionOf(c devices.Configuration) ConfigRevision {
	return ConfigRevision{Revision: c.Revision, At: instant(c.At), By: actorOf(c.By), Settings: c.Settings.Texts()}
}

func actorOf(w arbiter.Who) feed.Actor { return feed.Actor{Kind: w.Kind, ID: w.ID, Name: w.Name} }
