package mqtttest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/served"
)

// mosquittoFile says where Mosquitto does something else than a test wants. It was
// written for this version.
const (
	mosquittoFile    = "mosquitto.txt"
	mosquittoVersion = "2.0.11"
)

// difference is one line of it.
type difference struct{ test, text string }

// readDifferences gives them in the order of the file.
func readDifferences(t testing.TB) (list []difference) {
	t.Helper()
	content, err := os.ReadFile(mosquittoFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		test, text, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("%s: %q: want the name of a test, a tab, and what Mosquitto does", mosquittoFile, line)
		}
		list = append(list, difference{test, text})
	}
	return list
}

// The suite is run against another broker, so that it holds brokers to the
// standard and not to this one.
func TestMosquittoPassesWhatIsNotSaidToBeDifferent(t *testing.T) {
	if !prove.Full() || *foreign != "" {
		t.Skip("make prove runs the suite against Mosquitto")
	}
	web := served.FreePort(t)
	address, version := served.Mosquitto(t, "max_topic_alias 10", "listener "+web+" 127.0.0.1", "protocol websockets")
	failed, passed := against(t, "-broker", address, "-websocket", "127.0.0.1:"+web)
	known := readDifferences(t)
	for _, test := range failed {
		if !slices.ContainsFunc(known, func(d difference) bool { return d.test == test || strings.HasPrefix(d.test, test+"/") }) {
			if version != mosquittoVersion {
				t.Logf("%s fails, with version %s", test, version)
				continue
			}
			t.Errorf("%s fails, and %s does not say why", test, mosquittoFile)
		}
	}
	for _, d := range known {
		if version == mosquittoVersion && !slices.Contains(failed, d.test) {
			t.Errorf("%s passes, and %s says that Mosquitto %s", d.test, mosquittoFile, d.text)
		}
	}
	prove.Record(t, "the conformance suite holds another broker to the standard as well", "every failure explained",
		fmt.Sprintf("of the tests and their parts %d passed and %d failed with Mosquitto %s", len(passed), len(failed), version))
}

// against runs the suite with a foreign broker and gives the names of tests,
// parts of tests included.
func against(t testing.TB, addresses ...string) (failed, passed []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], append(addresses, "-test.run", "^Test[^E]", "-test.v=test2json")...) //nolint:noctx // this program
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	convert := exec.Command("go", "tool", "test2json") //nolint:noctx // it ends with its input
	convert.Stdin = bytes.NewReader(out)
	events, err := convert.Output()
	if err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(bytes.NewReader(events)); s.Scan(); {
		var e struct{ Action, Test string }
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		switch {
		case e.Test == "":
		case e.Action == "fail":
			failed = append(failed, e.Test)
		case e.Action == "pass":
			passed = append(passed, e.Test)
		}
	}
	if len(passed) == 0 {
		t.Fatalf("nothing passed: %s", out)
	}
	return failed, passed
}
