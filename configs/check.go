package configs

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checker gathers problems.
type checker struct {
	from     sources
	problems []Problem
}

func (k *checker) refuse(key, value, want string) {
	k.problems = append(k.problems, Problem{Key: key, From: k.from[key], Value: value, Want: want})
}

func (k *checker) err() error {
	if len(k.problems) == 0 {
		return nil
	}
	return &Error{k.problems}
}

func (k *checker) need(key, value, want string) {
	if value == "" {
		k.refuse(key, value, want)
	}
}

func (k *checker) address(key, value string) {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		k.refuse(key, value, "want host:port, for example 127.0.0.1:8080 (port 0: any free one)")
	}
}

// apart refuses two listeners on one address.
func (k *checker) apart(key1, a, key2, b string) {
	if a == b && !strings.HasSuffix(a, ":0") {
		k.refuse(key2, b, "want another address: "+key1+" has this one")
	}
}

func (k *checker) pair(section, cert, key string) {
	if cert != "" && key == "" {
		k.refuse(section+".key", "", "want the PEM file of the key that belongs to "+section+".cert")
	}
	if cert == "" && key != "" {
		k.refuse(section+".cert", "", "want the PEM file of the certificate that belongs to "+section+".key")
	}
}

func (k *checker) size(key string, v, least, most Size) {
	if v < least || v > most {
		k.refuse(key, v.String(), fmt.Sprintf("want %s to %s", least, most))
	}
}

func (k *checker) duration(key string, v, least, most time.Duration) {
	if v < least || v > most {
		k.refuse(key, v.String(), fmt.Sprintf("want %s to %s", least, most))
	}
}

func (k *checker) network(key, value string) {
	if _, err := parseNetwork(value); err != nil {
		k.refuse(key, value, "want the address or network of the proxy, for example 10.0.0.5 or 10.0.0.0/24")
	}
}

func (k *checker) publicURL(key, value string) {
	u, ok := parseOrigin(value)
	if !ok {
		k.refuse(key, value, "want scheme, host and port without a path, for example https://gate.example.org")
		return
	}
	if u.Scheme == "http" && !Loopback(net.JoinHostPort(u.Hostname(), "0")) {
		k.refuse(key, value, "want https://: browsers drop the session cookie on plain HTTP beyond this machine")
	}
}

func (k *checker) origin(key, value string) {
	if _, ok := parseOrigin(value); !ok {
		k.refuse(key, value, "want scheme, host and port without a path, for example https://wall.example.org")
	}
}

// hostname takes what a certificate can be for.
func (k *checker) hostname(key, value string) {
	if _, err := netip.ParseAddr(value); err != nil && !Hostname(value) {
		k.refuse(key, value, "want a host name or an address, for example gate.example.org or 192.0.2.7")
	}
}

func (k *checker) broker(key, value string) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || !slices.Contains([]string{"tcp", "mqtt", "tls", "mqtts"}, u.Scheme) {
		k.refuse(key, value, "want a URL, for example tcp://127.0.0.1:1883 or tls://gate.example.org:8883")
	}
}

func (k *checker) log(l Log) {
	if levels := []string{"debug", "info", "warn", "error"}; !slices.Contains(levels, l.Level) {
		k.refuse("log.level", l.Level, "want "+strings.Join(levels, ", "))
	}
	if formats := []string{"text", "json"}; !slices.Contains(formats, l.Format) {
		k.refuse("log.format", l.Format, "want "+strings.Join(formats, ", "))
	}
}

// Hostname reports whether a name is one that DNS may have, in ASCII (RFC 1123, 2.1).
func Hostname(name string) bool {
	const label = `[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
	return len(name) <= 253 && regexp.MustCompile(`^`+label+`(\.`+label+`)*$`).MatchString(name)
}

// parseOrigin reads http(s)://host[:port] with nothing after it.
func parseOrigin(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, false
	}
	return u, u.User == nil && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}

// parseNetwork reads a CIDR, or one address.
func parseNetwork(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// TrustedProxies is Proxy as networks.
func (h HTTP) TrustedProxies() []netip.Prefix {
	var list []netip.Prefix
	for _, s := range h.Proxy {
		if p, err := parseNetwork(s); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// Loopback reports whether an address host:port can be reached from this machine
// only. A name other than localhost cannot be trusted to be.
func Loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
