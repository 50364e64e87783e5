package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/prove/mqtt"
)

func TestEveryFlagOfTheBrokerAloneRefusesNonsenseByItsName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key, _ := certificate(t)
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("# fine\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(dir, "none")
	held := filepath.Join(dir, "held")
	runAlone(t, "--anonymous", "--tcp", "127.0.0.1:0", "--data", held)
	tls := []string{"--tls", "127.0.0.1:0"}
	for _, tt := range []struct {
		args  []string
		words []string
	}{
		{nil, []string{"nobody could connect", "--user", "--password-file", "--client-ca", "--anonymous"}},
		{[]string{"--anonymous", "--tcp", ""}, []string{"no way in", "--tcp", "--tls", "--ws"}},
		{[]string{"--anonymous", "--tcp", "1883"}, []string{"--tcp", "1883"}},
		{[]string{"--anonymous", "--ws", "nowhere:x"}, []string{"--ws", "nowhere:x"}},
		{[]string{"--anonymous", "--tls", "127.0.0.1:0"}, []string{"--tls", "--cert FILE", "--key FILE"}},
		{append(tls, "--anonymous", "--cert", cert), []string{"--tls", "--key FILE"}},
		{append(tls, "--anonymous", "--cert", none, "--key", key), []string{"--cert", none}},
		{append(tls, "--anonymous", "--cert", cert, "--key", bad), []string{"--cert", "--key", bad}},
		{append(tls, "--cert", cert, "--key", key, "--client-ca", none), []string{"--client-ca", none}},
		{append(tls, "--cert", cert, "--key", key, "--client-ca", bad), []string{"--client-ca", bad, "PEM"}},
		{[]string{"--anonymous", "--cert", cert}, []string{"--cert", "--tls"}},
		{[]string{"--anonymous", "--key", key}, []string{"--key", "--tls"}},
		{[]string{"--anonymous", "--client-ca", cert}, []string{"--client-ca", "--tls"}},
		{[]string{"--anonymous", "--crl", cert}, []string{"--crl", "--tls"}},
		{append(tls, "--anonymous", "--cert", cert, "--key", key, "--crl", bad), []string{"--crl", "--client-ca FILE"}},
		{append(tls, "--cert", cert, "--key", key, "--client-ca", cert, "--crl", bad), []string{"--crl", bad}},
		{[]string{"--anonymous", "--ws-origin", "https://a"}, []string{"--ws-origin", "--ws"}},
		{[]string{"--anonymous", "--ws", "127.0.0.1:0", "--ws-origin", "a"}, []string{"--ws-origin", "https://example.org"}},
		{[]string{"--anonymous", "--ws", "127.0.0.1:0", "--ws-origin", "https://a/b"}, []string{"--ws-origin", "https://example.org"}},
		{[]string{"--user", "bob"}, []string{"--user", "NAME:PASSWORD"}},
		{[]string{"--user", ":x"}, []string{"--user", "NAME:PASSWORD"}},
		{[]string{"--user", "bob:"}, []string{"--user", "NAME:PASSWORD"}},
		{[]string{"--user", "bob:a", "--user", "bob:b"}, []string{"--user bob", "twice"}},
		{[]string{"--password-file", none}, []string{none}},
		{[]string{"--password-file", bad}, []string{bad + ":2: ", "NAME:HASH"}},
		{[]string{"--anonymous", "--acl", none}, []string{none}},
		{[]string{"--anonymous", "--acl", bad}, []string{bad + ":2: ", "user, topic, pattern"}},
		{[]string{"--anonymous", "--data", "/dev/null/x"}, []string{`--data "/dev/null/x" cannot be made`, "another folder with --data FOLDER\n"}},
		{[]string{"--anonymous", "--data", held}, []string{"--data \"" + held + "\" is in use", "another folder with --data FOLDER\n"}},
		{[]string{"--anonymous", "--acl", ""}, []string{"--acl is empty: name FILE, or leave it out"}},
		{[]string{"--anonymous", "--password-file", ""}, []string{"--password-file is empty", "FILE"}},
		{[]string{"--anonymous", "--data", ""}, []string{"--data is empty", "FOLDER"}},
		{[]string{"--anonymous", "--user", ""}, []string{"--user is empty", "NAME:PASSWORD"}},
		{[]string{"--anonymous", "--ws", ""}, []string{"--ws is empty", "ADDRESS"}},
		{[]string{"--anonymous", "--ws", "127.0.0.1:0", "--ws-origin", ""}, []string{"--ws-origin is empty", "ORIGIN"}},
		{[]string{"--anonymous", "--tls", ""}, []string{"--tls is empty", "ADDRESS"}},
		{append(tls, "--anonymous", "--cert", "", "--key", key), []string{"--cert is empty", "FILE"}},
		{append(tls, "--anonymous", "--cert", cert, "--key", ""), []string{"--key is empty", "FILE"}},
		{append(tls, "--anonymous", "--cert", cert, "--key", key, "--client-ca", ""), []string{"--client-ca is empty", "FILE"}},
		{append(tls, "--anonymous", "--cert", cert, "--key", key, "--client-ca", cert, "--crl", ""), []string{"--crl is empty", "FILE"}},
		{[]string{"--anonymous", "--max-keepalive", "0"}, []string{"--max-keepalive", "1 to 65535"}},
		{[]string{"--anonymous", "--max-keepalive", "65536"}, []string{"--max-keepalive", "1 to 65535"}},
		{[]string{"--anonymous", "--max-keepalive", "1500ms"}, []string{"--max-keepalive", "90s"}},
		{[]string{"--anonymous", "--max-keepalive", "soon"}, []string{"--max-keepalive", "90s"}},
		{[]string{"--anonymous", "--session-expiry", "-1"}, []string{"--session-expiry", "1 to 4294967295"}},
		{[]string{"--anonymous", "--session-expiry", "4294967296"}, []string{"--session-expiry", "1 to 4294967295"}},
		{[]string{"--anonymous", "--receive-maximum", "0"}, []string{"--receive-maximum", "1 to 65535"}},
		{[]string{"--anonymous", "--receive-maximum", "65536"}, []string{"--receive-maximum", "1 to 65535"}},
		{[]string{"--anonymous", "--max-packet-size", "10"}, []string{"--max-packet-size", "32 to 268435460"}},
		{[]string{"--anonymous", "--max-packet-size", "268435461"}, []string{"--max-packet-size", "32 to 268435460"}},
		{[]string{"--anonymous", "--topic-alias-maximum", "many"}, []string{"--topic-alias-maximum", "0 to 65535"}},
		{[]string{"--anonymous", "--sys-interval", "0s"}, []string{"--sys-interval", "1 to 86400"}},
		{[]string{"--anonymous", "--max-topic-levels", "0"}, []string{"--max-topic-levels", "1 to 65535"}},
		{[]string{"--anonymous", "rest"}, []string{"rest"}},
	} {
		args := append([]string{"broker"}, tt.args...)
		if !slices.Contains(args, "--tcp") {
			args = append(args, "--tcp", "127.0.0.1:0")
		}
		var out, errs strings.Builder
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		code := run(ctx, args, &out, &errs)
		cancel()
		said := errs.String()
		if code != 1 || out.Len() > 0 || !strings.HasPrefix(said, "gatehouse: ") || strings.Count(said, "\n") != 1 {
			t.Errorf("%q: exit code %d, said %q and %q", tt.args, code, out.String(), said)
		}
		for _, w := range tt.words {
			if !strings.Contains(said, w) {
				t.Errorf("%q: does not say %q: %s", tt.args, w, said)
			}
		}
	}
}

// visit connects a client by other hands, which the test's end cuts.
func visit(t *testing.T, address string, c mqtt.Connect) *mqtt.Conn {
	t.Helper()
	conn, err := mqtt.Dial(address, mqtt.Options{Connect: c, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Cut)
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// refusal is the code of the CONNACK that says no.
func refusal(t *testing.T, address string, c mqtt.Connect) byte {
	t.Helper()
	conn, err := mqtt.Dial(address, mqtt.Options{Connect: c, Timeout: patience})
	var refused *mqtt.RefusedError
	if !errors.As(err, &refused) {
		if err == nil {
			conn.Cut()
		}
		t.Fatalf("%q of %q: refused is expected, not %v", c.ClientID, c.User, err)
	}
	return refused.Code
}

// welcomed is a number of CONNACK.
func welcomed(t *testing.T, c *mqtt.Conn, p mqtt.Property) any {
	t.Helper()
	if n, there := c.Welcome.GetNumber(p); there {
		return n
	}
	return nil
}

func TestLimitsOfTheCommandLineAreThoseOfTheBroker(t *testing.T) {
	t.Parallel()
	address, _ := runStandalone(t, "--anonymous", "--max-keepalive", "90", "--receive-maximum", "7", "--max-packet-size", "2000",
		"--topic-alias-maximum", "3", "--session-expiry", "72h", "--max-topic-levels", "4")
	ask := mqtt.Properties(nil).Number(mqtt.SessionExpiryInterval, 4_000_000_000)
	c := visit(t, address, mqtt.Connect{Version: mqtt.V5, ClientID: "c", KeepAlive: 100, Persistent: true, Properties: ask})
	for p, want := range map[mqtt.Property]uint32{
		mqtt.ServerKeepAlive: 90, mqtt.ReceiveMaximum: 7, mqtt.MaximumPacketSize: 2000,
		mqtt.TopicAliasMaximum: 3, mqtt.SessionExpiryInterval: 72 * 3600,
	} {
		if got := welcomed(t, c, p); got != want {
			t.Errorf("property %#x is %v, want %d", byte(p), got, want)
		}
	}
	none, _ := runStandalone(t, "--anonymous", "--topic-alias-maximum", "0")
	if got := welcomed(t, visit(t, none, mqtt.Connect{Version: mqtt.V5, ClientID: "c"}), mqtt.TopicAliasMaximum); got != nil && got != uint32(0) {
		t.Errorf("no topic aliases are %v", got)
	}
	c.Subscribe(1, 0, "a/b/c/d", "a/b/c/d/e")
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if p, err := c.Expect(mqtt.SUBACK); err != nil || p.Codes[0] != 0 || p.Codes[1] != 0x8F {
		t.Errorf("four levels and five: %x, %v", p.Codes, err)
	}
	c.Publish(mqtt.Publish{Topic: []byte("t"), Payload: make([]byte, 2000)})
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if p, err := c.Read(); err != nil || p.Type != mqtt.DISCONNECT || p.Code != 0x95 {
		t.Errorf("2,000 bytes and more: %v, %v", p, err)
	}
}

func TestWithAnonymousAloneItIsAPlainStandardServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	address, stop := runStandalone(t, "--anonymous", "--data", dir)
	for _, id := range []string{"", "with spaces in it ", "a/b+c#d%u$", "门", strings.Repeat("long", 1000)} {
		for _, version := range []mqtt.Version{mqtt.V311, mqtt.V5} {
			for _, keepAlive := range []uint16{0, 1, 65_535} {
				c := visit(t, address, mqtt.Connect{Version: version, ClientID: id, KeepAlive: keepAlive, User: "whoever", Password: "whatever"})
				if got := welcomed(t, c, mqtt.ServerKeepAlive); got != nil {
					t.Errorf("%q: keep-alive %d is not as asked: %v", id, keepAlive, got)
				}
				c.Cut()
			}
			c := visit(t, address, mqtt.Connect{Version: version, ClientID: id, KeepAlive: 10})
			if err := c.SubscribeNow(1, 2, "#", "$SYS/#", "a/"+strings.Repeat("b", 1000)); err != nil {
				t.Errorf("%q: %v", id, err)
			}
			c.Cut()
		}
	}
	ask := mqtt.Properties(nil).Number(mqtt.SessionExpiryInterval, 0xFFFF_FFFF)
	five := visit(t, address, mqtt.Connect{Version: mqtt.V5, ClientID: "five", KeepAlive: 10, Persistent: true, Properties: ask})
	if got := welcomed(t, five, mqtt.SessionExpiryInterval); got != nil {
		t.Errorf("a session that is to live for ever lives for %v", got)
	}
	visit(t, address, mqtt.Connect{ClientID: "three", Persistent: true})
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	address, _ = runStandalone(t, "--anonymous", "--data", dir)
	if !visit(t, address, mqtt.Connect{Version: mqtt.V5, ClientID: "five", Persistent: true}).Session ||
		!visit(t, address, mqtt.Connect{ClientID: "three", Persistent: true}).Session {
		t.Error("a session that is to live for ever has ended")
	}
}

func TestUsersOfTheCommandLineAndNobodyElse(t *testing.T) {
	t.Parallel()
	address, _ := runStandalone(t, "--user", "bob:with:colon", "--user", "eve:x")
	visit(t, address, mqtt.Connect{ClientID: "b", User: "bob", Password: "with:colon"})
	visit(t, address, mqtt.Connect{Version: mqtt.V5, ClientID: "e", User: "eve", Password: "x"})
	for _, tt := range []struct {
		user, password string
		three, five    byte
	}{{"bob", "with", 4, 0x86}, {"eve", "with:colon", 4, 0x86}, {"carl", "x", 4, 0x86}, {"", "", 5, 0x87}} {
		c := mqtt.Connect{ClientID: "x", User: tt.user, Password: tt.password}
		if code := refusal(t, address, c); code != tt.three {
			t.Errorf("%q: code %d, want %d", tt.user, code, tt.three)
		}
		if c.Version = mqtt.V5; refusal(t, address, c) != tt.five {
			t.Errorf("%q is not refused with %#x", tt.user, tt.five)
		}
	}
	if code := refusal(t, address, mqtt.Connect{Version: mqtt.V5, ClientID: "b", User: "eve", Password: "x"}); code != 0x85 {
		t.Errorf("bob's session for eve: %#x", code)
	}
}

func TestEveryAddressIsSaidAndServed(t *testing.T) {
	t.Parallel()
	cert, key, _ := certificate(t)
	a := runAlone(t, "--anonymous", "--ws", "127.0.0.1:0", "--tls", "127.0.0.1:0", "--cert", cert, "--key", key,
		"--tcp", "127.0.0.1:0", "--tcp", "127.0.0.1:0")
	if len(a.told["mqtt"]) != 2 || len(a.told["mqtts"]) != 1 || len(a.told["ws"]) != 1 || !strings.HasPrefix(a.line, "mqtt=") {
		t.Fatalf("ready: %q", a.line)
	}
	for _, address := range a.told["mqtt"] {
		visit(t, address, mqtt.Connect{ClientID: address})
	}
	only := runAlone(t, "--anonymous", "--tcp", "", "--ws", "127.0.0.1:0")
	if strings.Contains(only.line, "mqtt") {
		t.Errorf("--tcp \"\" listens: %q", only.line)
	}
}

func TestTheBrokerShowsHowItIsAtTheAskedInterval(t *testing.T) {
	t.Parallel()
	acl := filepath.Join(t.TempDir(), "acl")
	if err := os.WriteFile(acl, []byte("topic readwrite #\nuser operator\ntopic read $SYS/#\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address, _ := runStandalone(t, "--anonymous", "--user", "operator:x", "--acl", acl, "--sys-interval", "1")
	c := visit(t, address, mqtt.Connect{ClientID: "c"})
	c.Subscribe(1, 0, "$SYS/#", "$share/g/$SYS/broker/+", "#")
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if p, err := c.Expect(mqtt.SUBACK); err != nil || string(p.Codes) != "\x80\x80\x00" {
		t.Errorf("a list with # alone: %x, %v", p.Codes, err)
	}
	operator := visit(t, address, mqtt.Connect{ClientID: "operator", User: "operator", Password: "x"})
	if err := operator.SubscribeNow(1, 0, "$SYS/#"); err != nil {
		t.Fatal(err)
	}
	if p, err := operator.Expect(mqtt.PUBLISH); err != nil || !strings.HasPrefix(string(p.Publish.Topic), "$SYS/broker/") {
		t.Errorf("%s, %v", p.Publish.Topic, err)
	}
}
