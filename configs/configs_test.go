package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var noEnv = []string{}

func TestSampleFilesHoldExactlyTheDefaults(t *testing.T) {
	t.Parallel()
	server, err := LoadServer(ServerFlags{Config: "server.yaml", Env: noEnv})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(DefaultServer(), server); diff != "" {
		t.Errorf("server.yaml differs from the defaults (-default +file):\n%s", diff)
	}
	sim, err := LoadSimulator(SimulatorFlags{Config: "devicesim.yaml", Env: noEnv})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(DefaultSimulator(), sim); diff != "" {
		t.Errorf("devicesim.yaml differs from the defaults (-default +file):\n%s", diff)
	}
}

func TestSampleFilesDocumentEveryKey(t *testing.T) {
	t.Parallel()
	server, sim := DefaultServer(), DefaultSimulator()
	for file, keys := range map[string][]key{"server.yaml": keysOf(&server), "devicesim.yaml": keysOf(&sim)} {
		documented := commented(t, file)
		for _, k := range keys {
			if !documented[k.name] {
				t.Errorf("%s: %s is absent or has no comment above it", file, k.name)
			}
		}
	}
}

// commented lists the leaf keys of a YAML file that have a comment above them.
func commented(t *testing.T, file string) map[string]bool {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(content, &doc); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var walk func(prefix string, n *yaml.Node)
	walk = func(prefix string, n *yaml.Node) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			name, value := n.Content[i], n.Content[i+1]
			if value.Kind == yaml.MappingNode {
				walk(prefix+name.Value+".", value)
			} else {
				found[prefix+name.Value] = name.HeadComment != ""
			}
		}
	}
	walk("", doc.Content[0])
	return found
}

// another gives each key a good value that is not its default, as text.
var another = map[string]string{
	"data.dir":             "/srv/gatehouse",
	"data.key":             "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
	"tls.self_signed":      "true",
	"tls.names":            "gate.example.org, 192.0.2.7, 2001:db8::7",
	"http.listen":          "[::1]:8081",
	"http.tls.cert":        "c.pem",
	"http.tls.key":         "k.pem",
	"http.proxy":           "10.0.0.0/24, 192.0.2.7",
	"http.public_url":      "https://gate.example.org",
	"http.origins":         "https://a.example.org,https://b.example.org:8443",
	"mqtt.listen":          "0.0.0.0:1884",
	"mqtt.tls.listen":      "0.0.0.0:8884",
	"mqtt.tls.cert":        "mc.pem",
	"mqtt.tls.key":         "mk.pem",
	"mqtt.device_ca":       "ca.pem",
	"mqtt.device_crl":      "crl.pem",
	"mqtt.max_packet_size": "8MiB",
	"mqtt.receive_maximum": "512",
	"mqtt.max_keep_alive":  "120s",
	"mqtt.max_connections": "50000", "mqtt.max_connections_per_address": "9000",
	"mqtt.session_expiry":      "24h",
	"pictures.max_bytes":       "1048576",
	"pictures.keep":            "2160h",
	"pictures.space":           "100GiB",
	"states.keep":              "2160h",
	"audit.keep":               "4320h",
	"backup.at":                "04:30",
	"backup.dir":               "/tmp/backups",
	"backup.keep":              "7",
	"backup.passphrase":        "six words that nobody guesses",
	"backup.pictures":          "true",
	"alarms.escalate.critical": "2m", "alarms.escalate.major": "1h", "alarms.escalate.minor": "2h", "alarms.escalate.warning": "24h",
	"log.level":  "debug",
	"log.format": "json",

	"devices": "/tmp/d.json",
	"mqtt":    "tls://gate.example.org:8883",
	"control": "127.0.0.1:0",
	"speed":   "2.5",
}

// needs are what keys need that are refused alone.
var needs = map[string][]string{
	"http.tls.cert": {"http.tls.key"}, "http.tls.key": {"http.tls.cert"},
	"mqtt.tls.cert": {"mqtt.tls.key"}, "mqtt.tls.key": {"mqtt.tls.cert"},
	"mqtt.device_ca": {"tls.self_signed"}, "mqtt.device_crl": {"mqtt.device_ca", "tls.self_signed"},
}

func TestEveryKeyWorksFromTheEnvironment(t *testing.T) {
	t.Parallel()
	env := func(prefix, key string) []string {
		list := []string{variable(prefix, key) + "=" + another[key]}
		for _, other := range needs[key] {
			list = append(list, variable(prefix, other)+"="+another[other])
		}
		return list
	}
	changed := func(name string, got []key, before []key) {
		for i, k := range got {
			differs := !reflect.DeepEqual(k.field.Interface(), before[i].field.Interface())
			if wanted := k.name == name || slices.Contains(needs[name], k.name); differs != wanted {
				t.Errorf("setting %s: %s changed = %v", name, k.name, differs)
			}
		}
	}
	defaults := DefaultServer()
	for _, k := range keysOf(&defaults) {
		c, err := LoadServer(ServerFlags{Env: env("GATEHOUSE_", k.name)})
		if err != nil {
			t.Errorf("%s: %v", k.name, err)
			continue
		}
		changed(k.name, keysOf(&c), keysOf(&defaults))
	}
	simDefaults := DefaultSimulator()
	for _, k := range keysOf(&simDefaults) {
		c, err := LoadSimulator(SimulatorFlags{Env: env("GATEHOUSE_SIM_", k.name)})
		if err != nil {
			t.Errorf("%s: %v", k.name, err)
			continue
		}
		changed(k.name, keysOf(&c), keysOf(&simDefaults))
	}
}

func TestFlagsBeatEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	t.Parallel()
	file := write(t, "http: {listen: '127.0.0.1:1'}\nmqtt: {listen: '127.0.0.1:2'}\ndata: {dir: fromfile}\n")
	c, err := LoadServer(ServerFlags{
		Config: file,
		HTTP:   "127.0.0.1:7", Proxy: "10.0.0.5, 10.1.0.0/24", SelfSigned: true,
		Env: []string{"GATEHOUSE_TLS_SELF_SIGNED=false", "GATEHOUSE_HTTP_LISTEN=127.0.0.1:5", "GATEHOUSE_MQTT_LISTEN=127.0.0.1:6", "GATEHOUSE_LOG_LEVEL="},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultServer()
	want.HTTP.Listen, want.MQTT.Listen, want.Data.Dir = "127.0.0.1:7", "127.0.0.1:6", "fromfile"
	want.HTTP.Proxy, want.TLS.SelfSigned = []string{"10.0.0.5", "10.1.0.0/24"}, true
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBadConfigurationIsRefusedWithKeyValueAndWhatIsRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		env        []string
		says       []string
	}{
		{"misspelt key", "http: {lisen: x}", nil, []string{"http.lisen", "http.listen"}},
		{"key without its section", "public_url: https://x.org", nil, []string{"public_url", "the nearest is http.public_url"}},
		{"section given as a value", "mqtt: 5", nil, []string{"mqtt", "no such key"}},
		{"value given as a section", "data: {dir: {a: b}}", nil, []string{"data.dir.a"}},
		{"list given as a value", "data: {dir: [a]}", nil, []string{"data.dir", "one value"}},
		{"misspelt variable", "", []string{"GATEHOUSE_MQTT_LISTN=x"}, []string{"GATEHOUSE_MQTT_LISTN", "GATEHOUSE_MQTT_LISTEN"}},
		{"not a number", "mqtt: {receive_maximum: many}", nil, []string{"mqtt.receive_maximum", `"many"`, "65535"}},
		{"number too large", "", []string{"GATEHOUSE_MQTT_RECEIVE_MAXIMUM=70000"}, []string{"70000", "GATEHOUSE_MQTT_RECEIVE_MAXIMUM"}},
		{"not a duration", "mqtt: {max_keep_alive: 300}", nil, []string{"mqtt.max_keep_alive", "300", "90s"}},
		{"not a size", "pictures: {max_bytes: 2MB}", nil, []string{"pictures.max_bytes", "2MB", "4MiB"}},
		{"picture larger than a packet", "pictures: {max_bytes: 8MiB}", nil, []string{"pictures.max_bytes", "max_packet_size"}},
		{"no port", "", []string{"GATEHOUSE_HTTP_LISTEN=localhost"}, []string{"http.listen", "host:port"}},
		{"beyond loopback without HTTPS", "http: {listen: '0.0.0.0:8080'}", nil, []string{"http.listen", "Secure session cookie", "http.tls.cert", "--self-signed", "http.proxy"}},
		{"all interfaces without HTTPS", "http: {listen: ':8080'}", nil, []string{"http.listen", "HTTPS"}},
		{"certificate without key", "http: {tls: {cert: c.pem}}", nil, []string{"http.tls.key"}},
		{"key without certificate", "mqtt: {tls: {key: k.pem}}", nil, []string{"mqtt.tls.cert"}},
		{"authorities of devices without TLS", "mqtt: {device_ca: ca.pem}", nil, []string{"mqtt.device_ca", "ca.pem", "mqtt.tls.cert", "http.tls.cert", "--self-signed"}},
		{"revocation list of nobody", "mqtt: {device_crl: crl.pem}", nil, []string{"mqtt.device_ca", "mqtt.device_crl"}},
		{"bad proxy", "http: {proxy: [nginx]}", nil, []string{"http.proxy", "nginx", "10.0.0.0/24"}},
		{"origin with a path", "http: {origins: ['https://x.org/a']}", nil, []string{"http.origins", "without a path"}},
		{"plain public URL", "http: {public_url: 'http://gate.example.org'}", nil, []string{"http.public_url", "https"}},
		{"nonsense for self_signed", "tls: {self_signed: perhaps}", nil, []string{"tls.self_signed", "perhaps", "true or false"}},
		{"a URL for a name", "tls: {names: ['https://gate.example.org']}", nil, []string{"tls.names", "gate.example.org or 192.0.2.7"}},
		{"one address twice, self-signed", "{tls: {self_signed: true}, mqtt: {listen: '127.0.0.1:8883'}}", nil, []string{"mqtt.tls.listen", "mqtt.listen"}},
		{"one address twice", "mqtt: {listen: '127.0.0.1:8080'}", nil, []string{"mqtt.listen", "http.listen"}},
		{"unknown level", "log: {level: loud}", nil, []string{"log.level", "loud", "debug"}},
		{"no time of day", "backup: {at: noon}", nil, []string{"backup.at", "noon", "03:00"}},
		{"no backup to keep", "backup: {keep: 0}", nil, []string{"backup.keep", "1 to 1000"}},
		{"short passphrase", "", []string{"GATEHOUSE_BACKUP_PASSPHRASE=aGVsbG8="}, []string{"backup.passphrase", "16 characters"}},
		{"no folder", "data: {dir: ''}", nil, []string{"data.dir", "folder"}},
		{"short key", "", []string{"GATEHOUSE_DATA_KEY=aGVsbG8="}, []string{"data.key", "32 bytes"}},
		{"secret file that is not there", "", []string{"GATEHOUSE_DATA_KEY_FILE=/nowhere/k"}, []string{"data.key", "/nowhere/k"}},
		{"secret given twice", "", []string{"GATEHOUSE_DATA_KEY=" + another["data.key"], "GATEHOUSE_DATA_KEY_FILE=" + write(t, another["data.key"])}, []string{"data.key", "only one"}},
		{"secret that everybody may read", "", []string{"GATEHOUSE_DATA_KEY_FILE=" + readable(t, another["data.key"])}, []string{"data.key", "chmod o="}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadServer(ServerFlags{Config: write(t, c.file), Env: append([]string{"HOME=/"}, c.env...)})
			var refused *Error
			if !errors.As(err, &refused) {
				t.Fatalf("error = %v, want an *Error", err)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "aGVsbG8=") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q shows a secret or has more than one line", err)
			}
		})
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := LoadSimulator(SimulatorFlags{
		Control: "here",
		Env:     []string{"GATEHOUSE_SIM_SPEED=0", "GATEHOUSE_SIM_MQTT=broker", "GATEHOUSE_SIM_LOG_FORMAT=xml"},
	})
	var refused *Error
	if !errors.As(err, &refused) || len(refused.Problems) != 4 {
		t.Fatalf("error = %v, want four problems", err)
	}
	want := Problem{Key: "control", From: "--control", Value: "here", Want: "want host:port, for example 127.0.0.1:8080 (port 0: any free one)"}
	if refused.Problems[1] != want {
		t.Errorf("problem = %+v, want %+v", refused.Problems[1], want)
	}
}

func TestUnreadableFileIsNamed(t *testing.T) {
	t.Parallel()
	for _, path := range []string{filepath.Join(t.TempDir(), "absent.yaml"), write(t, "http: [")} {
		if _, err := LoadServer(ServerFlags{Config: path, Env: noEnv}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error = %v, want one that names %s", err, path)
		}
	}
}

func TestBeyondLoopbackIsAllowedWithHTTPSOrADeclaredProxy(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		"http: {listen: ':8080', tls: {cert: c.pem, key: k.pem}}",
		"http: {listen: '10.0.0.9:8080', proxy: [10.0.0.5]}",
	} {
		if _, err := LoadServer(ServerFlags{Config: write(t, file), Env: noEnv}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestSecretComesFromItsFileAndIsNeverShown(t *testing.T) {
	t.Parallel()
	value := another["data.key"]
	c, err := LoadServer(ServerFlags{Env: []string{"GATEHOUSE_DATA_KEY_FILE=" + write(t, value+"\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Data.Key.Reveal() != value {
		t.Error("the secret is not what its file says")
	}
	text, err := yaml.Marshal(map[string]any{"key": c.Data.Key})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), string(text), c.Data.Key.LogValue().String()} {
		if strings.Contains(shown, value) {
			t.Errorf("the secret stands in %s", shown)
		}
	}
}

func TestSizesReadBackWhatTheyPrint(t *testing.T) {
	t.Parallel()
	for _, n := range []Size{0, 1, 1023, 1 << 10, 1<<20 + 1, 3 << 20, 5 << 30} {
		if back, err := parseSize(n.String()); err != nil || back != n {
			t.Errorf("%d prints as %s, which reads as %d (%v)", int64(n), n, int64(back), err)
		}
	}
	for _, bad := range []string{"", "-1", "1.5MiB", "MiB", "9999999999GiB"} {
		if n, err := parseSize(bad); err == nil {
			t.Errorf("%q reads as %s, want an error", bad, n)
		}
	}
}

func TestTrustedProxiesAreNetworks(t *testing.T) {
	t.Parallel()
	got := fmt.Sprint(HTTP{Proxy: []string{"10.1.2.3/8", "192.0.2.7", "fd00::1"}}.TrustedProxies())
	if want := "[10.0.0.0/8 192.0.2.7/32 fd00::1/128]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSlogLevelFollowsTheName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"debug": "DEBUG", "info": "INFO", "warn": "WARN", "error": "ERROR"} {
		if got := (Log{Level: name}).SlogLevel().String(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if d := DefaultServer().MQTT.SessionExpiry; d != 7*24*time.Hour {
		t.Errorf("session expiry = %s", d)
	}
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// readable writes a file that everybody may read.
func readable(t *testing.T, content string) string {
	t.Helper()
	path := write(t, content)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
