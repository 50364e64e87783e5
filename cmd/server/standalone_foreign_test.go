package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/eclipse/paho.golang/paho"
	paho3 "github.com/eclipse/paho.mqtt.golang"
)

// openToPeople runs a broker alone for the user bob, who may use own/# and nothing
// else, on every door.
func openToPeople(t *testing.T) (a lone, certFile string, tlsConfig *tls.Config) {
	t.Helper()
	cert, key, trust := certificate(t)
	acl := filepath.Join(t.TempDir(), "acl")
	write(t, acl, "user bob", "topic readwrite own/#")
	a = runAlone(t, "--user", "bob:secret", "--acl", acl,
		"--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0", "--tls", "127.0.0.1:0", "--cert", cert, "--key", key)
	return a, cert, &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}
}

func TestMQTTJSTalksToTheBrokerAlone(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("%v: the tests speak to the broker with MQTT.js; install Node.js", err)
	}
	folder, err := filepath.Abs("../../web/ui")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "mqtt")); err != nil {
		t.Fatalf("MQTT.js is not there: scripts/ui.sh deps installs it (make test does): %v", err)
	}
	for _, version := range []string{"3", "4", "5"} {
		for _, door := range []string{"mqtt", "ws"} {
			t.Run(door+"/"+version, func(t *testing.T) {
				t.Parallel()
				a, _, _ := openToPeople(t)
				at := url.URL{Scheme: door, Host: a.told[door][0], Path: "/mqtt"}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				out, err := exec.CommandContext(ctx, node, "testdata/mqttjs.mjs", folder, at.String(), version, "bob", "secret").CombinedOutput()
				if err != nil || string(out) != "ok\n" {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
	}
}

func TestMosquittoClientsTalkToTheBrokerAlone(t *testing.T) {
	t.Parallel()
	a, cert, _ := openToPeople(t)
	bob := []string{"-u", "bob", "-P", "secret"}
	for _, version := range []string{"mqttv31", "mqttv311", "mqttv5"} {
		for _, door := range []string{"mqtt", "mqtts"} {
			args := append([]string{"-V", version, "-q", "2"}, bob...)
			if door == "mqtts" {
				args = append(args, "--cafile", cert)
			}
			at, topic := a.told[door][0], "own/"+version+"/"+door
			if out, err := mosquitto(t, "mosquitto_pub", at, append(args, "-t", topic, "-m", "hello", "-r")...); err != nil {
				t.Errorf("%s: publish: %v: %s", topic, err, out)
			}
			if out, err := mosquitto(t, "mosquitto_sub", at, append(args, "-t", topic, "-C", "1", "-F", "%t %p %r")...); err != nil || out != topic+" hello 1\n" {
				t.Errorf("%s: subscribe: %v: %q", topic, err, out)
			}
			if out, err := mosquitto(t, "mosquitto_sub", at, append(args, "-t", "#", "-C", "1", "-W", "5")...); !strings.Contains(out, "denied") {
				t.Errorf("%s: more than the right: %v: %q", topic, err, out)
			}
			if out, err := mosquitto(t, "mosquitto_pub", at, append(args, "-P", "wrong", "-t", topic, "-m", "x")...); err == nil {
				t.Errorf("%s: a wrong password is let in: %s", topic, out)
			}
		}
	}
}

func TestMosquittoClientsShowTheirCertificate(t *testing.T) {
	t.Parallel()
	cert, key, _ := certificate(t)
	ca := newAuthority(t)
	acl := filepath.Join(t.TempDir(), "acl")
	write(t, acl, "pattern readwrite of/%u/#")
	a := runAlone(t, "--tcp", "", "--tls", "127.0.0.1:0", "--cert", cert, "--key", key, "--client-ca", ca.file, "--acl", acl)
	own, ownKey := ca.files(t, "gate 7")
	args := []string{"-V", "mqttv5", "-q", "1", "--cafile", cert, "--cert", own, "--key", ownKey}
	at := a.told["mqtts"][0]
	if out, err := mosquitto(t, "mosquitto_pub", at, append(args, "-t", "of/gate 7/x", "-m", "hello", "-r")...); err != nil || out != "" {
		t.Errorf("publish: %v: %s", err, out)
	}
	if out, err := mosquitto(t, "mosquitto_sub", at, append(args, "-t", "of/gate 7/#", "-C", "1")...); err != nil || out != "hello\n" {
		t.Errorf("subscribe: %v: %s", err, out)
	}
	if out, _ := mosquitto(t, "mosquitto_sub", at, append(args, "-t", "of/+/x", "-C", "1", "-W", "5")...); !strings.Contains(out, "denied") {
		t.Errorf("of somebody else: %s", out)
	}
	if out, err := mosquitto(t, "mosquitto_pub", at, "--cafile", cert, "-t", "of/gate 7/x", "-m", "x"); err == nil {
		t.Errorf("without a certificate: %s", out)
	}
}

func TestPahoForThreeTalksToTheBrokerAloneOnEveryDoor(t *testing.T) {
	t.Parallel()
	a, _, secure := openToPeople(t)
	for _, at := range []string{"tcp://" + a.told["mqtt"][0], "ws://" + a.told["ws"][0] + "/mqtt", "ws://" + a.told["ws"][0] + "/", "ssl://" + a.told["mqtts"][0]} {
		got := make(chan paho3.Message, 10)
		options := paho3.NewClientOptions().AddBroker(at).SetClientID("paho " + at).SetUsername("bob").SetPassword("secret").
			SetAutoReconnect(false).SetTLSConfig(secure).SetProtocolVersion(4).
			SetDefaultPublishHandler(func(_ paho3.Client, m paho3.Message) { got <- m })
		done := func(what string, token paho3.Token) {
			t.Helper()
			if !token.WaitTimeout(patience) || token.Error() != nil {
				t.Fatalf("%s: %s: %v", at, what, token.Error())
			}
		}
		c := paho3.NewClient(options)
		done("connect", c.Connect())
		topic := "own/" + url.PathEscape(at)
		done("subscribe", c.Subscribe(topic, 2, nil))
		for qos := range byte(3) {
			payload := bytes.Repeat([]byte{'0' + qos}, 100_000)
			done("publish", c.Publish(topic, qos, false, payload))
			if m := <-got; m.Topic() != topic || m.Qos() != qos || !bytes.Equal(m.Payload(), payload) {
				t.Errorf("%s: got %s at QoS %d", at, m.Topic(), m.Qos())
			}
		}
		if token := c.Subscribe("other/#", 0, nil); !token.WaitTimeout(patience) || token.Error() == nil && token.(*paho3.SubscribeToken).Result()["other/#"] != 0x80 {
			t.Errorf("%s: a filter without the right: %v", at, token.Error())
		}
		c.Disconnect(100)
	}
}

func TestPahoForFiveTalksToTheBrokerAloneOverTLS(t *testing.T) {
	t.Parallel()
	a, _, secure := openToPeople(t)
	conn, err := tls.Dial("tcp", a.told["mqtts"][0], secure)
	if err != nil {
		t.Fatal(err)
	}
	f, _, err := greet(t, conn, connect("paho", "bob", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	if r := f.ask("own/#"); r > 2 {
		t.Fatalf("subscribe: %#x", r)
	}
	for qos := range byte(3) {
		if r, err := f.send("own/x", qos, false, fmt.Append(nil, qos)); r != 0 || err != nil {
			t.Fatalf("publish at QoS %d: %#x, %v", qos, r, err)
		}
		f.next("its own message", func(m *paho.Publish) bool { return m.Topic == "own/x" && string(m.Payload) == fmt.Sprint(qos) })
	}
	if r, _ := f.send("other/x", 1, false, nil); r != 0x87 {
		t.Errorf("a publish without the right: %#x", r)
	}
	if r, _ := f.send("other/x", 2, false, nil); r != 0x87 {
		t.Errorf("a publish without the right at QoS 2: %#x", r)
	}
	if conn, err = tls.Dial("tcp", a.told["mqtts"][0], secure); err != nil {
		t.Fatal(err)
	}
	if _, r, err := greet(t, conn, connect("paho", "bob", "wrong")); err == nil || r != 0x86 {
		t.Errorf("a wrong password: %#x, %v", r, err)
	}
}
