package main

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"
)

// mosquitto runs mosquitto_pub or mosquitto_sub, the clients that installers have
// at hand, and gives what it printed.
func mosquitto(t *testing.T, tool, address string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Fatalf("%v: the tests speak to the broker with Mosquitto's clients; install the package mosquitto-clients (make test does, as root on Debian)", err)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, append([]string{"-h", host, "-p", port}, args...)...).CombinedOutput()
	return string(out), err
}

func TestMosquittoClientsPublishAsADeviceAndReadAsAnIntegrator(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, c := s.enrol("gate")
	var i struct{ Username, Password string }
	s.must("POST", "/integrators", map[string]any{"name": "reader", "sites": []string{d.Site}}, 201, &i)

	for _, version := range []string{"mqttv311", "mqttv5"} {
		state := `{"at":1767225600000,"mode":"controlled","physical":"closed","tamper":false,"capabilities":["open"],"firmware":"` + version + `"}`
		out, err := mosquitto(t, "mosquitto_pub", p.MQTT, "-V", version, "-i", c.ClientID, "-u", c.Username, "-P", c.Password,
			"-q", "1", "-r", "-t", c.TopicPrefix+"/state", "-m", state)
		if err != nil {
			t.Fatalf("%s: %v: %s", version, err, out)
		}
		if out, err = mosquitto(t, "mosquitto_sub", p.MQTT, "-V", version, "-u", i.Username, "-P", i.Password, "-q", "1", "-C", "1",
			"-t", "gatehouse/v1/feed/"+d.Site+"/+/device/+"); err != nil || !strings.Contains(out, d.ID) || !strings.Contains(out, version) {
			t.Errorf("%s: %v: read %s", version, err, out)
		}
		if out, err = mosquitto(t, "mosquitto_pub", p.MQTT, "-V", version, "-t", "x", "-m", "x"); err == nil {
			t.Errorf("%s: let in without a credential: %s", version, out)
		}
		if out, err = mosquitto(t, "mosquitto_sub", p.MQTT, "-V", version, "-u", i.Username, "-P", i.Password, "-C", "1", "-W", "1", "-t", "#"); !strings.Contains(out, "denied") {
			t.Errorf("%s: an integrator asks for everything: %v: %s", version, err, out)
		}
	}
}
