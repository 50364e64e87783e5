package configs

import (
	"path/filepath"
	"time"
)

// Server is the configuration of the server.
type Server struct {
	Data     Data     `key:"data"`
	TLS      TLS      `key:"tls"`
	HTTP     HTTP     `key:"http"`
	MQTT     MQTT     `key:"mqtt"`
	Pictures Pictures `key:"pictures"`
	Alarms   Alarms   `key:"alarms"`
	States   States   `key:"states"`
	Audit    Audit    `key:"audit"`
	Backup   Backup   `key:"backup"`
	Log      Log      `key:"log"`
}

// Data says where the server keeps everything.
type Data struct {
	Dir string `key:"dir"`
	// Key seals what must be kept readable in the database, such as the command
	// keys of devices: base64 of 32 bytes. Empty: the server makes one at first
	// start and keeps it in Dir.
	Key Secret `key:"key"`
}

// TLS says what is shown where no certificate is configured.
type TLS struct {
	// SelfSigned has the server make a certificate of its own, in Data.Dir.
	SelfSigned bool `key:"self_signed"`
	// Names are the host names and addresses that it is for, besides those that the
	// server finds out by itself.
	Names []string `key:"names"`
}

// HTTP is the console, the API and MQTT over WebSocket: one listener.
type HTTP struct {
	Listen string `key:"listen"` // host:port
	TLS    Cert   `key:"tls"`
	// Proxy lists the networks of trusted reverse proxies. Only they are believed
	// when they say who the client is and that it came over HTTPS.
	Proxy []string `key:"proxy"`
	// PublicURL is what people type, if it is not Listen; without a path.
	PublicURL string `key:"public_url"`
	// Origins may open MQTT over WebSocket besides the console's own.
	Origins []string `key:"origins"`
}

// Cert is a certificate chain and its key: two PEM files, or none.
type Cert struct {
	Cert string `key:"cert"`
	Key  string `key:"key"`
}

// Set reports whether there is a certificate.
func (c Cert) Set() bool { return c.Cert != "" }

// MQTT is the broker's listeners and limits.
type MQTT struct {
	Listen         string        `key:"listen"` // host:port
	TLS            MQTTTLS       `key:"tls"`
	DeviceCA       string        `key:"device_ca"`  // PEM: the authorities of devices' certificates; empty: none
	DeviceCRL      string        `key:"device_crl"` // PEM: what these authorities have revoked
	MaxPacketSize  Size          `key:"max_packet_size"`
	ReceiveMaximum uint16        `key:"receive_maximum"`
	MaxKeepAlive   time.Duration `key:"max_keep_alive"`
	MaxConnections int           `key:"max_connections"`
	// PerAddress is how many of them one network address may have.
	PerAddress    int           `key:"max_connections_per_address"`
	SessionExpiry time.Duration `key:"session_expiry"`
}

// MQTTTLS is the listener for MQTT over TLS. It is served once it has a
// certificate.
type MQTTTLS struct {
	Listen string `key:"listen"` // host:port
	Cert   string `key:"cert"`
	Key    string `key:"key"`
}

// Set reports whether MQTT over TLS is served.
func (t MQTTTLS) Set() bool { return t.Cert != "" }

// Pictures limits what cameras may send, and says how long it is kept.
type Pictures struct {
	MaxBytes Size          `key:"max_bytes"` // of one picture
	Keep     time.Duration `key:"keep"`
	Space    Size          `key:"space"` // of all files together
}

// Audit says how long rows of the audit trail are kept.
type Audit struct {
	Keep time.Duration `key:"keep"`
}

// Backup says when backups are made, and where they go.
type Backup struct {
	At   string `key:"at"`   // time of day of the machine, 15:04; empty: never
	Dir  string `key:"dir"`  // empty: the folder backups in Data.Dir
	Keep int    `key:"keep"` // how many
	// Passphrase encrypts them. Empty: they are not encrypted.
	Passphrase Secret `key:"passphrase"`
	Pictures   bool   `key:"pictures"` // whether those of cameras are in them
}

// BackupFolder is where backups go.
func (c Server) BackupFolder() string {
	if c.Backup.Dir == "" {
		return filepath.Join(c.Data.Dir, "backups")
	}
	return c.Backup.Dir
}

// States says how long it is kept what states of devices were.
type States struct {
	Keep time.Duration `key:"keep"`
}

// Alarms says when an alarm that nobody acknowledges becomes louder.
type Alarms struct {
	Escalate Escalate `key:"escalate"`
}

// Escalate is the time without an acknowledgement for each severity; 0: never.
type Escalate struct {
	Critical time.Duration `key:"critical"`
	Major    time.Duration `key:"major"`
	Minor    time.Duration `key:"minor"`
	Warning  time.Duration `key:"warning"`
}

// DefaultServer is the configuration of a server that was told nothing.
func DefaultServer() Server {
	return Server{
		Data: Data{Dir: "./data"},
		TLS:  TLS{Names: []string{}},
		HTTP: HTTP{Listen: "127.0.0.1:8080", Proxy: []string{}, Origins: []string{}},
		MQTT: MQTT{
			Listen:         "127.0.0.1:1883",
			TLS:            MQTTTLS{Listen: "127.0.0.1:8883"},
			MaxPacketSize:  4 << 20,
			ReceiveMaximum: 256,
			MaxKeepAlive:   300 * time.Second,
			MaxConnections: 20_000,
			PerAddress:     5_000,
			SessionExpiry:  7 * 24 * time.Hour,
		},
		Pictures: Pictures{MaxBytes: 2 << 20, Keep: 30 * 24 * time.Hour, Space: 20 << 30},
		States:   States{Keep: 400 * 24 * time.Hour},
		Audit:    Audit{Keep: 1095 * 24 * time.Hour},
		Backup:   Backup{At: "03:00", Keep: 14},
		Alarms:   Alarms{Escalate: Escalate{Critical: 5 * time.Minute}},
		Log:      defaultLog(),
	}
}
