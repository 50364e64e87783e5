package main

import (
	"context"
	"encoding/json"
	"fmt"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

// demoSites is the property that --demo creates: two sites, eight gates, six
// turnstiles and five cameras.
var demoSites = []demoSite{
	{"滨江花园 Riverside Garden", "Asia/Shanghai", "CNY", []demoZone{
		{"北门 North entrance", []demoDevice{
			{devices.Camera, "北门进口相机 North in camera", ""},
			{devices.Gate, "北门进口 North in", "北门进口相机 North in camera"},
			{devices.Camera, "北门出口相机 North out camera", ""},
			{devices.Gate, "北门出口 North out", "北门出口相机 North out camera"},
			{devices.Turnstile, "北门人行一 North walk 1", ""},
			{devices.Turnstile, "北门人行二 North walk 2", ""},
		}},
		{"地下车库 Garage", []demoDevice{
			{devices.Camera, "车库相机 Garage camera", ""},
			{devices.Gate, "车库进口 Garage in", "车库相机 Garage camera"},
			{devices.Gate, "车库出口 Garage out", "车库相机 Garage camera"},
			{devices.Turnstile, "车库电梯厅 Garage lift hall", ""},
		}},
	}},
	{"Harbour Square 海港广场", "Europe/London", "GBP", []demoZone{
		{"Main entrance 主入口", []demoDevice{
			{devices.Camera, "Main in camera 主入口相机", ""},
			{devices.Gate, "Main in 主入口", "Main in camera 主入口相机"},
			{devices.Gate, "Main out 主出口", "Main in camera 主入口相机"},
			{devices.Turnstile, "Lobby left 大堂左", ""},
			{devices.Turnstile, "Lobby right 大堂右", ""},
		}},
		{"Loading yard 卸货场", []demoDevice{
			{devices.Camera, "Yard camera 卸货场相机", ""},
			{devices.Gate, "Yard sliding gate 卸货场大门", "Yard camera 卸货场相机"},
			{devices.Gate, "Yard exit 卸货场出口", "Yard camera 卸货场相机"},
			{devices.Turnstile, "Staff passage 员工通道", ""},
		}},
	}},
}

type demoSite struct {
	name, timeZone, currency string
	zones                    []demoZone
}

type demoZone struct {
	name    string
	devices []demoDevice
}

type demoDevice struct {
	kind   devices.KindName
	name   string
	camera string // name of the camera that watches it
}

// demoFile is devices.json: what the simulator needs to be the demo's devices.
// It holds secrets and is readable by its owner only.
type demoFile struct {
	MQTT    string        `json:"mqtt"`
	Devices []demoSecrets `json:"devices"`
}

type demoSecrets struct {
	ID         string `json:"id"`
	Site       string `json:"site"`
	Zone       string `json:"zone"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Username   string `json:"username"`
	Password   string `json:"password"`
	CommandKey string `json:"commandKey"`
	Camera     string `json:"camera,omitempty"`
	Currency   string `json:"currency"`
}

// registry is the part of the domain that the demo needs.
type registry interface {
	Sites() []devices.Site
	AddSite(ctx context.Context, a devices.Actor, name, timeZone string) (devices.Site, error)
	AddZone(ctx context.Context, a devices.Actor, site devices.SiteID, name string) (devices.Zone, error)
	AddDevice(ctx context.Context, a devices.Actor, zone devices.ZoneID, kind devices.KindName, name string) (devices.Live, error)
}

// issuer makes device credentials.
type issuer interface {
	IssueDevice(ctx context.Context, a devices.Actor, d devices.DeviceID, site devices.SiteID) (credentials.Issued, error)
}

var demoActor = devices.Actor{Kind: devices.ActorSystem, ID: "demo", Name: "demo"}

// createDemo fills an empty registry and writes the secrets of its devices to
// path. On a registry that holds anything it changes nothing.
func createDemo(ctx context.Context, reg registry, iss issuer, mqtt, path string) error {
	if len(reg.Sites()) > 0 {
		return nil
	}
	file := demoFile{MQTT: mqtt}
	for _, s := range demoSites {
		site, err := reg.AddSite(ctx, demoActor, s.name, s.timeZone)
		if err != nil {
			return fmt.Errorf("demo site %q: %w", s.name, err)
		}
		for _, z := range s.zones {
			made, err := createDemoZone(ctx, reg, iss, site.ID, s.currency, z)
			if err != nil {
				return fmt.Errorf("demo zone %q: %w", z.name, err)
			}
			file.Devices = append(file.Devices, made...)
		}
	}
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	return writeSecret(path, append(content, '\n'))
}

func createDemoZone(ctx context.Context, reg registry, iss issuer, site devices.SiteID, currency string, z demoZone) ([]demoSecrets, error) {
	zone, err := reg.AddZone(ctx, demoActor, site, z.name)
	if err != nil {
		return nil, err
	}
	cameras := map[string]string{}
	var made []demoSecrets
	for _, d := range z.devices {
		live, err := reg.AddDevice(ctx, demoActor, zone.ID, d.kind, d.name)
		if err != nil {
			return nil, err
		}
		secret, err := iss.IssueDevice(ctx, demoActor, live.Device.ID, site)
		if err != nil {
			return nil, err
		}
		id := string(live.Device.ID)
		if d.kind == devices.Camera {
			cameras[d.name] = id
		}
		made = append(made, demoSecrets{
			ID: id, Site: string(site), Zone: string(zone.ID), Kind: string(d.kind), Name: d.name,
			Username: secret.Username, Password: secret.Password, CommandKey: secret.CommandKey,
			Camera: cameras[d.camera], Currency: currency,
		})
	}
	return made, nil
}
