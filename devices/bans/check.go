package bans

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gatehouse/devices"
)

// The limits of a ban.
const (
	maxReason = 200 // characters
	maxValue  = 500 // bytes
	longest   = 10 * 365 * 24 * time.Hour
	// The widest prefixes: wider ones are slips, and shut out half of the world.
	widest4, widest6 = 8, 32
	around6          = 64 // bits of the network that whoever has an address of IPv6 has all of
)

func invalid(op, field, message string) error {
	return &devices.Error{Op: op, Code: devices.Invalid, Field: field, Message: message}
}

// checked is a draft with its value as it is kept. own is the address that whoever asks comes
// from, consoles the user name of consoles, which their client identifiers begin with.
func (d Draft) checked(op, own, consoles string, now time.Time) (Draft, error) {
	var err error
	switch d.Kind {
	case ByAddress:
		d.Value, err = checkAddress(op, strings.TrimSpace(d.Value), own)
	case ByClient:
		if err = checkText(op, d.Value, "client identifier"); err == nil && strings.HasPrefix(d.Value, consoles) {
			err = invalid(op, "value", "is the client identifier of a console, which has another one with each connection: end the session of its person instead")
		}
	case ByUsername:
		if err = checkText(op, d.Value, "user name"); err == nil && d.Value == consoles {
			err = invalid(op, "value", "is the user name of every console: this would blind all of them. End the session of a person instead")
		}
	default:
		err = invalid(op, "kind", "must be client, address or username")
	}
	if err == nil {
		d.Reason, err = checkReason(op, d.Reason)
	}
	if err == nil && !d.Until.IsZero() && (!d.Until.After(now) || d.Until.After(now.Add(longest))) {
		err = invalid(op, "until", "must be a time to come, within ten years, as 2030-01-31T12:00:00Z; left out, the ban has no end")
	}
	if !d.Until.IsZero() {
		d.Until = d.Until.UTC().Truncate(time.Millisecond)
	}
	return d, err
}

func checkText(op, text, what string) error {
	if text == "" || len(text) > maxValue || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return invalid(op, "value", fmt.Sprintf("must be the %s to the letter, of 1 to %d bytes", what, maxValue))
	}
	return nil
}

func checkReason(op, reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return "", invalid(op, "reason", "say why: this needs a reason")
	case utf8.RuneCountInString(reason) > maxReason || !utf8.ValidString(reason) || strings.ContainsFunc(reason, unicode.IsControl):
		return "", invalid(op, "reason", fmt.Sprintf("must have at most %d characters, none of them a control character", maxReason))
	}
	return reason, nil
}

// checkAddress gives the prefix that an address or a prefix means.
func checkAddress(op, text, own string) (string, error) {
	p, err := prefixOf(text)
	if err != nil {
		return "", invalid(op, "value", "must be an address or a prefix of addresses: 192.0.2.7, 192.0.2.0/24, 2001:db8::7 (which means its /64) or 2001:db8::/48")
	}
	if widest := widestOf(p); p.Bits() < widest {
		return "", invalid(op, "value", fmt.Sprintf("%s shuts out too many at once: a prefix has at least /%d, as %s", p, widest, netip.PrefixFrom(p.Addr(), widest).Masked()))
	}
	if from, err := netip.ParseAddr(own); err == nil && p.Contains(plain(from)) {
		return "", invalid(op, "value", fmt.Sprintf("has your own address, %s, in it: whoever bans it shuts themselves out. Ban the client or the user name, or ask from elsewhere", plain(from)))
	}
	return p.String(), nil
}

func prefixOf(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		if err != nil || !p.Addr().Is4In6() {
			return p.Masked(), err
		}
		if p.Bits() < 96 { // wider than all of IPv4
			return p, fmt.Errorf("%s is no prefix of IPv4", text)
		}
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Masked(), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	a = plain(a)
	bits := a.BitLen()
	if a.Is6() {
		bits = around6
	}
	return netip.PrefixFrom(a, bits).Masked(), nil
}

func widestOf(p netip.Prefix) int {
	if p.Addr().Is4() {
		return widest4
	}
	return widest6
}
