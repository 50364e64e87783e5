package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/viper"
)

// ServerFlags are what the command line of the server may say. An empty one was
// not given.
type ServerFlags struct {
	Config    string // path of the file
	Data      string // data.dir
	HTTP      string // http.listen
	MQTT      string // mqtt.listen
	DeviceCA  string // mqtt.device_ca
	DeviceCRL string // mqtt.device_crl
	// SelfSigned is tls.self_signed.
	SelfSigned bool
	Proxy      string // http.proxy, with commas
	// Env is the environment as NAME=value; nil: that of the process.
	Env []string
}

// LoadServer gathers the server's configuration and validates it. Its error is
// an *Error, unless the file cannot be read.
func LoadServer(f ServerFlags) (Server, error) {
	c := DefaultServer()
	selfSigned := ""
	if f.SelfSigned {
		selfSigned = "true"
	}
	from, err := gather(&c, "GATEHOUSE_", f.Config, f.Env, []flag{
		{"data.dir", "--data", f.Data},
		{"http.listen", "--http", f.HTTP},
		{"mqtt.listen", "--mqtt", f.MQTT},
		{"tls.self_signed", "--self-signed", selfSigned},
		{"http.proxy", "--proxy", f.Proxy},
		{"mqtt.device_ca", "--device-ca", f.DeviceCA},
		{"mqtt.device_crl", "--device-crl", f.DeviceCRL},
	})
	if err != nil {
		return Server{}, err
	}
	if err := c.validate(from); err != nil {
		return Server{}, err
	}
	return c, nil
}

// SimulatorFlags are what the command line of devicesim may say. An empty one
// was not given.
type SimulatorFlags struct {
	Config  string // path of the file
	Devices string
	MQTT    string
	Control string
	// Env is the environment as NAME=value; nil: that of the process.
	Env []string
}

// LoadSimulator gathers the simulator's configuration and validates it. Its
// error is an *Error, unless the file cannot be read.
func LoadSimulator(f SimulatorFlags) (Simulator, error) {
	c := DefaultSimulator()
	from, err := gather(&c, "GATEHOUSE_SIM_", f.Config, f.Env, []flag{
		{"devices", "--devices", f.Devices},
		{"mqtt", "--mqtt", f.MQTT},
		{"control", "--control", f.Control},
	})
	if err != nil {
		return Simulator{}, err
	}
	if err := c.validate(from); err != nil {
		return Simulator{}, err
	}
	return c, nil
}

// flag is one option of the command line that sets a key.
type flag struct{ key, name, value string }

// sources says where the value of a key came from; a default is absent.
type sources map[string]string

// gather fills the struct that into points to from file, environment and flags,
// over the defaults that it holds already.
func gather(into any, prefix, file string, env []string, flags []flag) (sources, error) {
	if env == nil {
		env = os.Environ()
	}
	keys := keysOf(into)
	from := sources{}
	v := viper.New()
	problems, err := readFile(v, file, keys, from)
	if err != nil {
		return nil, err
	}
	problems = append(problems, readEnv(v, prefix, env, keys, from)...)
	for _, f := range flags {
		if f.value != "" {
			v.Set(f.key, f.value)
			from[f.key] = f.name
		}
	}
	for _, k := range keys {
		raw := v.Get(k.name)
		if raw == nil {
			continue
		}
		if want := assign(k.field, raw); want != "" {
			problems = append(problems, problem(k, from, raw, want))
		}
	}
	if len(problems) > 0 {
		return nil, &Error{problems}
	}
	return from, nil
}

func problem(k key, from sources, raw any, want string) Problem {
	shown := fmt.Sprint(raw)
	if k.secret() {
		shown = redacted
	}
	return Problem{Key: k.name, From: from[k.name], Value: shown, Want: want}
}

// readFile reads the YAML file, if one is named, and refuses keys that do not
// exist.
func readFile(v *viper.Viper, file string, keys []key, from sources) ([]Problem, error) {
	if file == "" {
		return nil, nil
	}
	v.SetConfigFile(file)
	v.SetConfigType("yaml")
	if err := v.ReadInConfig(); err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			return nil, fmt.Errorf("--config %q cannot be read: %w", file, path.Err)
		}
		return nil, fmt.Errorf("--config %q is not YAML: %w", file, err)
	}
	known := names(keys)
	exists := map[string]bool{}
	for _, name := range known {
		exists[name] = true
	}
	var problems []Problem
	for _, name := range v.AllKeys() {
		if exists[name] {
			from[name] = file
			continue
		}
		if v.Get(name) == nil && isSection(name, known) {
			continue // a section with nothing under it
		}
		problems = append(problems, Problem{
			Key: name, From: file,
			Want: fmt.Sprintf("there is no such key; the nearest is %s", nearest(name, known)),
		})
	}
	return problems, nil
}
