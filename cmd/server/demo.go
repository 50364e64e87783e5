package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
	"gatehouse/devices/durable"
	"gatehouse/devices/operators"
)

// demoSites is the property that --demo creates: two sites, eight gates, six
// turnstiles and five cameras, each site with a plan.
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

// demoSecretsName is the name of the file that the simulator reads.
const demoSecretsName = "devices.json"

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
	Zones() []devices.Zone
	Devices() []devices.Live
	AddSite(ctx context.Context, a devices.Actor, name, timeZone string) (devices.Site, error)
	AddZone(ctx context.Context, a devices.Actor, site devices.SiteID, name string) (devices.Zone, error)
	AddDevice(ctx context.Context, a devices.Actor, zone devices.ZoneID, kind devices.KindName, name string) (devices.Live, error)
}

// issuer makes device credentials, and replaces older ones.
type issuer interface {
	IssueDevice(ctx context.Context, a devices.Actor, d devices.DeviceID, site devices.SiteID) (credentials.Issued, error)
}

var demoActor = devices.Actor{Kind: devices.ActorSystem, ID: "demo", Name: "demo"}

// demo fills an empty registry with the demo property and writes the secrets of
// its devices. A registry that holds anything else is left as it is. While it is
// at work a file says so: a start that was cut off is finished by the next one.
type demo struct {
	registry    registry
	credentials issuer
	plans       planner
	dir         *dataDir
}

func (d demo) create(ctx context.Context, mqtt string) error {
	unfinished := d.dir.file("demo-unfinished")
	_, err := os.Stat(unfinished)
	if cutOff := err == nil; !cutOff && len(d.registry.Sites()) > 0 {
		return nil
	}
	if err := durable.Replace(unfinished, nil); err != nil {
		return err
	}
	file := demoFile{MQTT: mqtt}
	for _, s := range demoSites {
		made, err := d.site(ctx, s)
		if err != nil {
			return fmt.Errorf("demo site %q: %w", s.name, err)
		}
		file.Devices = append(file.Devices, made...)
	}
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	if err := durable.Replace(d.dir.file(demoSecretsName), append(content, '\n')); err != nil {
		return err
	}
	return removeIfThere(unfinished)
}

// freeFactors makes second factors everybody's own choice in a folder that the demo
// filled, and in no other: a property that is started with --demo by a slip keeps its
// rule.
func (d demo) freeFactors(ctx context.Context, o *operators.Service) error {
	there, err := exists(d.dir.file(demoSecretsName))
	if err != nil || !there {
		return err
	}
	return o.FreeFactors(ctx, demoActor)
}

func (d demo) site(ctx context.Context, s demoSite) (made []demoSecrets, err error) {
	site, ok := find(d.registry.Sites(), func(x devices.Site) bool { return x.Name == s.name })
	if !ok {
		if site, err = d.registry.AddSite(ctx, demoActor, s.name, s.timeZone); err != nil {
			return nil, err
		}
	}
	for _, z := range s.zones {
		zone, ok := find(d.registry.Zones(), func(x devices.Zone) bool { return x.Site == site.ID && x.Name == z.name })
		if !ok {
			if zone, err = d.registry.AddZone(ctx, demoActor, site.ID, z.name); err != nil {
				return nil, err
			}
		}
		secrets, err := d.devices(ctx, zone, s.currency, z.devices)
		if err != nil {
			return nil, err
		}
		made = append(made, secrets...)
	}
	return made, d.plan(ctx, site)
}

// devices makes the devices of a zone; a camera comes before the gate that it
// watches.
func (d demo) devices(ctx context.Context, zone devices.Zone, currency string, list []demoDevice) (made []demoSecrets, err error) {
	cameras := map[string]string{}
	for _, x := range list {
		live, ok := find(d.registry.Devices(), func(l devices.Live) bool { return l.Device.Zone == zone.ID && l.Device.Name == x.name })
		if !ok {
			if live, err = d.registry.AddDevice(ctx, demoActor, zone.ID, x.kind, x.name); err != nil {
				return nil, err
			}
		}
		secret, err := d.credentials.IssueDevice(ctx, demoActor, live.Device.ID, zone.Site)
		if err != nil {
			return nil, err
		}
		id := string(live.Device.ID)
		if x.kind == devices.Camera {
			cameras[x.name] = id
		}
		made = append(made, demoSecrets{
			ID: id, Site: string(zone.Site), Zone: string(zone.ID), Kind: string(x.kind), Name: x.name,
			Username: secret.Username, Password: secret.Password, CommandKey: secret.CommandKey,
			Camera: cameras[x.camera], Currency: currency,
		})
	}
	return made, nil
}

func find[T any](list []T, is func(T) bool) (found T, ok bool) {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return found, false
	}
	return list[i], true
}
