package wire_test

import (
	"strings"
	"testing"

	"gatehouse/devices/wire"
)

func TestTopicsParseToWhatTheyWereMadeOf(t *testing.T) {
	t.Parallel()
	for _, c := range []wire.Channel{wire.Status, wire.State, wire.Telemetry, wire.Event, wire.Billing, wire.Time, wire.Command, wire.Answer, wire.Config} {
		a, err := wire.Parse(wire.Topic("s.1", "G_2-x", c))
		if err != nil || a != (wire.Address{Site: "s.1", Device: "G_2-x", Channel: c}) {
			t.Errorf("%s: %+v, %v", c, a, err)
		}
		if f := wire.Filter(c); f != "gatehouse/v1/devices/+/+/"+string(c) {
			t.Errorf("the filter of %s is %s", c, f)
		}
	}
	a, err := wire.Parse(wire.PictureTopic("s1", "c1", "e-1"))
	if err != nil || a != (wire.Address{Site: "s1", Device: "c1", Channel: wire.Picture, Event: "e-1"}) {
		t.Errorf("picture: %+v, %v", a, err)
	}
	if f := wire.Filter(wire.Picture); f != "gatehouse/v1/devices/+/+/picture/+" {
		t.Errorf("the filter of pictures is %s", f)
	}
}

func TestForeignTopicsAreRefused(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{
		"", "gatehouse", "gatehouse/v1/devices", "gatehouse/v1/devices/", "gatehouse/v1/devices/s1", "gatehouse/v1/devices/s1/d1",
		"gatehouse/v1/devices/s1/d1/", "gatehouse/v1/devices/s1/d1/weather", "gatehouse/v1/devices/s1/d1/state/x",
		"gatehouse/v1/devices//d1/state", "gatehouse/v1/devices/s1//state", "gatehouse/v1/devices/+/d1/state",
		"gatehouse/v1/devices/s1/#/state", "gatehouse/v2/devices/s1/d1/state", "/gatehouse/v1/devices/s1/d1/state",
		"gatehouse/v1/devices/s1/d1/picture", "gatehouse/v1/devices/s1/d1/picture/", "gatehouse/v1/devices/s1/d1/picture/e/f",
		"gatehouse/v1/devices/s1/d1/picture/e f", "gatehouse/v1/devices/" + strings.Repeat("s", 65) + "/d1/state",
		"gatehouse/v1/devices/s1/闸/state", "Gatehouse/v1/devices/s1/d1/state",
	} {
		if a, err := wire.Parse(topic); err == nil {
			t.Errorf("%q is %+v", topic, a)
		}
	}
}

func TestADeviceWritesOnlyItsOwnChannelsThatGoUp(t *testing.T) {
	t.Parallel()
	for topic, want := range map[string]bool{
		wire.Topic("s1", "d1", wire.Status):       true,
		wire.Topic("s1", "d1", wire.State):        true,
		wire.Topic("s1", "d1", wire.Event):        true,
		wire.Topic("s1", "d1", wire.Billing):      true,
		wire.Topic("s1", "d1", wire.Answer):       true,
		wire.PictureTopic("s1", "d1", "e1"):       true,
		wire.Topic("s1", "d1", wire.Command):      false,
		wire.Topic("s1", "d1", wire.Time):         false,
		wire.Topic("s1", "d1", wire.Telemetry):    true,
		wire.Topic("s1", "d1", wire.Config):       false,
		wire.Topic("s1", "d1", "weather"):         false,
		wire.Topic("s1", "d2", wire.State):        false,
		wire.Topic("s2", "d1", wire.State):        false,
		wire.Topic("s1", "d1", "picture"):         false,
		"gatehouse/v1/feed/s1/-/today/-":          false,
		"$SYS/broker/uptime":                      false,
		wire.Prefix("s1", "d1"):                   false,
		wire.Topic("s1", "d1", wire.State) + "/x": false,
	} {
		if got := wire.DeviceMayPublish("s1", "d1", topic); got != want {
			t.Errorf("%s: %v, want %v", topic, got, want)
		}
	}
}

func TestADeviceReadsOnlyUnderItsOwnPrefix(t *testing.T) {
	t.Parallel()
	own := wire.Prefix("s1", "d1")
	for filter, want := range map[string]bool{
		own + "/command":                 true,
		own + "/#":                       true,
		own + "/+":                       true,
		own + "/picture/+":               true,
		own:                              false,
		own + "/":                        false,
		own + "0/command":                false,
		"#":                              false,
		"+/#":                            false,
		"gatehouse/#":                    false,
		"gatehouse/v1/devices/s1/#":      false,
		"gatehouse/v1/devices/s1/+/time": false,
		"gatehouse/v1/devices/+/d1/time": false,
		wire.Prefix("s1", "d2") + "/#":   false,
		wire.Prefix("s2", "d1") + "/#":   false,
		"$share/g/" + own + "/command":   false,
		"$queue/" + own + "/command":     false,
		"gatehouse/v1/feed/#":            false,
	} {
		if got := wire.DeviceMaySubscribe("s1", "d1", filter); got != want {
			t.Errorf("%s: %v, want %v", filter, got, want)
		}
	}
	for _, id := range []string{"", "+", "#", "a/b"} {
		if wire.DeviceMaySubscribe(id, "d1", wire.Prefix(id, "d1")+"/x") || wire.DeviceMaySubscribe("s1", id, wire.Prefix("s1", id)+"/x") {
			t.Errorf("an id of %q may subscribe", id)
		}
	}
}
