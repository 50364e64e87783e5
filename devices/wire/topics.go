package wire

import (
	"fmt"
	"strings"
)

const (
	root  = "gatehouse/v1/devices"
	maxID = 64
)

// Address is what a device topic says.
type Address struct {
	Site    string
	Device  string
	Channel Channel
	Event   string // of a picture; empty on every other channel
}

// Prefix is the part of the topic tree that is a device's own, without a slash
// at its end.
func Prefix(site, device string) string { return root + "/" + site + "/" + device }

// Topic is a device's topic of a channel. Pictures have one per event: see
// PictureTopic.
func Topic(site, device string, c Channel) string { return Prefix(site, device) + "/" + string(c) }

// PictureTopic is the topic of the picture that belongs to an event.
func PictureTopic(site, device, event string) string {
	return Topic(site, device, Picture) + "/" + event
}

// Filter matches a channel of every device, for the platform's own handlers.
func Filter(c Channel) string {
	f := root + "/+/+/" + string(c)
	if c == Picture {
		f += "/+"
	}
	return f
}

// Parse takes a device topic apart. Its error says which part is wrong.
func Parse(topic string) (Address, error) {
	rest, ok := strings.CutPrefix(topic, root+"/")
	if !ok {
		return Address{}, &FieldError{"topic", "must begin with " + root + "/"}
	}
	parts := strings.Split(rest, "/")
	if len(parts) < 3 {
		return Address{}, &FieldError{"topic", "must be " + root + "/{site}/{device}/{channel}"}
	}
	a := Address{Site: parts[0], Device: parts[1], Channel: Channel(parts[2])}
	if !ValidID(a.Site) || !ValidID(a.Device) {
		return Address{}, &FieldError{"topic", "site and device must be " + idForm}
	}
	if a.Channel == Picture {
		if len(parts) != 4 || !ValidID(parts[3]) {
			return Address{}, &FieldError{"topic", "a picture's topic must end with picture/{event id}, the id being " + idForm}
		}
		a.Event = parts[3]
		return a, nil
	}
	if _, known := directions[a.Channel]; !known || len(parts) != 3 {
		return Address{}, &FieldError{"topic", fmt.Sprintf("%q is no channel of a device", strings.Join(parts[2:], "/"))}
	}
	return a, nil
}

type direction byte

const (
	up   direction = iota + 1 // from the device
	down                      // to the device
)

// directions is every channel of the contract.
var directions = map[Channel]direction{
	Status: up, State: up, Telemetry: up, Event: up, Billing: up, Picture: up, Answer: up,
	Time: down, Command: down, Config: down,
}

// DeviceMayPublish is whether a topic is one that this device writes: a channel
// that goes up, under its own prefix.
func DeviceMayPublish(site, device, topic string) bool {
	a, err := Parse(topic)
	return err == nil && a.Site == site && a.Device == device && directions[a.Channel] == up
}

// DeviceMaySubscribe is whether a filter lies wholly under this device's own
// prefix.
func DeviceMaySubscribe(site, device, filter string) bool {
	if !ValidID(site) || !ValidID(device) {
		return false
	}
	rest, ok := strings.CutPrefix(filter, Prefix(site, device)+"/")
	return ok && rest != ""
}

const idForm = "1 to 64 of A-Z a-z 0-9 . _ -"

// ValidID is whether a text is an id of the contract: of a site, a device, an event, a
// command.
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > maxID {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}
