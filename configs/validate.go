package configs

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// Validate reports everything that cannot work in c, as an *Error.
func (c Server) Validate() error { return c.validate(nil) }

func (c Server) validate(from sources) error {
	k := checker{from: from}
	k.need("data.dir", c.Data.Dir, "want the path of a folder")
	if c.Data.Key != "" {
		key, err := base64.StdEncoding.DecodeString(c.Data.Key.Reveal())
		if err != nil || len(key) != 32 {
			k.refuse("data.key", redacted, "want base64 of exactly 32 bytes (make one with: openssl rand -base64 32)")
		}
	}
	for _, n := range c.TLS.Names {
		k.hostname("tls.names", n)
	}
	c.validateHTTP(&k)
	c.validateMQTT(&k)
	k.size("pictures.max_bytes", c.Pictures.MaxBytes, 1<<10, 64<<20)
	k.duration("pictures.keep", c.Pictures.Keep, 24*time.Hour, 10*365*24*time.Hour)
	k.size("pictures.space", c.Pictures.Space, 64<<20, 1<<50)
	if c.Pictures.MaxBytes >= c.MQTT.MaxPacketSize {
		k.refuse("pictures.max_bytes", c.Pictures.MaxBytes.String(),
			fmt.Sprintf("want less than mqtt.max_packet_size (%s): a larger picture could not arrive", c.MQTT.MaxPacketSize))
	}
	c.Alarms.validate(&k)
	k.duration("audit.keep", c.Audit.Keep, 180*24*time.Hour, 30*365*24*time.Hour)
	k.duration("states.keep", c.States.Keep, 24*time.Hour, 10*365*24*time.Hour)
	c.Backup.validate(&k)
	k.log(c.Log)
	return k.err()
}

// leastPassphrase is how long a passphrase of backups is at least: whoever has a file may guess for years.
const leastPassphrase = 16

func (b Backup) validate(k *checker) {
	if _, err := time.Parse("15:04", b.At); b.At != "" && err != nil {
		k.refuse("backup.at", b.At, `want a time of day, for example 03:00, or "" for none`)
	}
	if b.Keep < 1 || b.Keep > 1000 {
		k.refuse("backup.keep", strconv.Itoa(b.Keep), "want 1 to 1000")
	}
	if n := utf8.RuneCountInString(b.Passphrase.Reveal()); n > 0 && n < leastPassphrase {
		k.refuse("backup.passphrase", redacted, fmt.Sprintf("want at least %d characters, for example six words that have nothing to do with each other", leastPassphrase))
	}
}

func (a Alarms) validate(k *checker) {
	e := a.Escalate
	for _, s := range []struct {
		key   string
		after time.Duration
	}{{"critical", e.Critical}, {"major", e.Major}, {"minor", e.Minor}, {"warning", e.Warning}} {
		k.duration("alarms.escalate."+s.key, s.after, 0, 24*time.Hour)
	}
}

func (c Server) validateHTTP(k *checker) {
	h := c.HTTP
	k.address("http.listen", h.Listen)
	k.pair("http.tls", h.TLS.Cert, h.TLS.Key)
	for _, p := range h.Proxy {
		k.network("http.proxy", p)
	}
	if h.PublicURL != "" {
		k.publicURL("http.public_url", h.PublicURL)
	}
	for _, o := range h.Origins {
		k.origin("http.origins", o)
	}
	if !h.TLS.Set() && !c.TLS.SelfSigned && len(h.Proxy) == 0 && !Loopback(h.Listen) {
		k.refuse("http.listen", h.Listen, "beyond this machine the console needs HTTPS: browsers drop its Secure session cookie "+
			"on plain HTTP, so nobody could sign in; set http.tls.cert and http.tls.key, or have the server make "+
			"a certificate with tls.self_signed (--self-signed), or declare the HTTPS proxy in front of it "+
			"in http.proxy, or listen on 127.0.0.1")
	}
}

func (c Server) validateMQTT(k *checker) {
	m := c.MQTT
	k.address("mqtt.listen", m.Listen)
	k.address("mqtt.tls.listen", m.TLS.Listen)
	k.pair("mqtt.tls", m.TLS.Cert, m.TLS.Key)
	if m.DeviceCA != "" && !m.TLS.Set() && !c.HTTP.TLS.Set() && !c.TLS.SelfSigned {
		k.refuse("mqtt.device_ca", m.DeviceCA, "certificates of devices are shown on TLS only: set mqtt.tls.cert and mqtt.tls.key, "+
			"or http.tls.cert and http.tls.key, or have the server make a certificate with tls.self_signed (--self-signed)")
	}
	if m.DeviceCRL != "" {
		k.need("mqtt.device_ca", m.DeviceCA, "want the PEM file of the authorities whose lists mqtt.device_crl has")
	}
	k.size("mqtt.max_packet_size", m.MaxPacketSize, 1<<10, 256<<20-1)
	if m.ReceiveMaximum == 0 {
		k.refuse("mqtt.receive_maximum", "0", "want 1 to 65535")
	}
	k.duration("mqtt.max_keep_alive", m.MaxKeepAlive, time.Second, 65535*time.Second)
	k.duration("mqtt.session_expiry", m.SessionExpiry, time.Minute, 10*365*24*time.Hour)
	if m.MaxConnections < 1 {
		k.refuse("mqtt.max_connections", fmt.Sprint(m.MaxConnections), "want 1 or more")
	}
	if m.PerAddress < 1 {
		k.refuse("mqtt.max_connections_per_address", fmt.Sprint(m.PerAddress), "want 1 or more")
	}
	k.apart("http.listen", c.HTTP.Listen, "mqtt.listen", m.Listen)
	if m.TLS.Set() || c.TLS.SelfSigned {
		k.apart("mqtt.listen", m.Listen, "mqtt.tls.listen", m.TLS.Listen)
		k.apart("http.listen", c.HTTP.Listen, "mqtt.tls.listen", m.TLS.Listen)
	}
}

// Validate reports everything that cannot work in c, as an *Error.
func (c Simulator) Validate() error { return c.validate(nil) }

func (c Simulator) validate(from sources) error {
	k := checker{from: from}
	k.need("devices", c.Devices, "want the path of the devices file; server --demo writes it as devices.json in its data folder")
	if c.MQTT != "" {
		k.broker("mqtt", c.MQTT)
	}
	k.address("control", c.Control)
	if !(c.Speed >= 0.01 && c.Speed <= 1000) {
		k.refuse("speed", fmt.Sprint(c.Speed), "want a number from 0.01 to 1000; 1 is life-like")
	}
	k.log(c.Log)
	return k.err()
}
