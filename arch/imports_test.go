package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "gatehouse"

// The pure leaves of the domain.
var leaves = []string{"devices/arbiter", "devices/presence", "devices/command", "devices/durable", "devices/seal"}

// rule says what the packages that match may import, of this module. Patterns
// end in /* for everything below. The first rule that matches a package counts.
type rule struct {
	packages []string
	may      []string
	not      []string // of what may allows
}

var rules = []rule{
	{packages: []string{"broker/packet", "broker/topic", "broker/failpoint", "devices/wire", "configs", "prove", "prove/mqtt", "prove/served", "prove/proxy", "arch"}},
	{packages: []string{"prove/flow"}, may: []string{"prove/mqtt"}},
	// A property has virtual devices, and a server in a process of its own.
	{packages: []string{"prove/property"}, may: []string{"prove/mqtt", "prove/served", "prove/proxy", "devices/sim", "devices/wire"}},
	// The load generator is a second reading of the standard.
	{packages: []string{"prove/mqttload", "prove/mqttload/*"}, may: []string{"prove/mqtt", "prove/mqttload/*"}},
	{packages: []string{"devices/seal"}, may: []string{"devices/durable"}},
	{packages: leaves},
	{packages: []string{"broker"}, may: []string{"broker/packet", "broker/topic", "broker/failpoint"}},
	{packages: []string{"broker/*"}, may: []string{"broker", "broker/packet", "broker/topic", "broker/failpoint"}},
	{packages: []string{"devices"}, may: append([]string{"devices/wire"}, leaves...)},
	// The suite for stores speaks of everything that a store keeps.
	{packages: []string{"devices/storetest"}, may: []string{"devices", "devices/*"}, not: []string{"devices/sim"}},
	// So do the suites that stand beside one store's interface, of that package.
	{packages: []string{"devices/ledger/storetest"}, may: append([]string{"devices", "devices/wire", "devices/ledger"}, leaves...)},
	{packages: []string{"devices/schedule/storetest"}, may: append([]string{"devices", "devices/wire", "devices/schedule", "devices/calendar"}, leaves...)},
	// Timed commands are due on kinds of days.
	{packages: []string{"devices/schedule"}, may: append([]string{"devices", "devices/wire", "devices/calendar"}, leaves...)},
	// The feed and its reader speak of everything that is told.
	{packages: []string{"devices/feed"}, may: append([]string{"devices", "devices/wire", "devices/alarms"}, leaves...)},
	{packages: []string{"devices/statistics/storetest"}, may: append([]string{"devices", "devices/wire", "devices/statistics"}, leaves...)},
	{packages: []string{"devices/calendar/storetest"}, may: append([]string{"devices", "devices/wire", "devices/calendar"}, leaves...)},
	// Days are imported from tables like those of devices.
	{packages: []string{"devices/calendar"}, may: append([]string{"devices", "devices/wire", "devices/roster"}, leaves...)},
	{packages: []string{"devices/plans/storetest"}, may: append([]string{"devices", "devices/wire", "devices/plans"}, leaves...)},
	{packages: []string{"devices/bans/storetest"}, may: append([]string{"devices", "devices/wire", "devices/bans"}, leaves...)},
	{packages: []string{"devices/timetable/storetest"}, may: append([]string{"devices", "devices/wire", "devices/timetable"}, leaves...)},
	// Timetables go by the calendar.
	{packages: []string{"devices/timetable"}, may: append([]string{"devices", "devices/wire", "devices/calendar"}, leaves...)},
	// A replay tells of everything that is kept.
	{packages: []string{"devices/replay"}, may: append([]string{"devices", "devices/wire", "devices/alarms", "devices/timetable"}, leaves...)},
	{packages: []string{"devices/shift/storetest"}, may: append([]string{"devices", "devices/wire", "devices/shift"}, leaves...)},
	{packages: []string{"devices/*"}, may: append([]string{"devices", "devices/wire"}, leaves...)},
	// The types that a broker.Store keeps are made of those of broker/packet.
	{packages: []string{"db", "db/*"}, may: []string{"broker", "broker/packet", "devices", "devices/*", "db/*"}, not: []string{"devices/sim"}},
	{packages: []string{"web", "web/*"}, may: []string{"devices", "devices/*", "web/*"}, not: []string{"devices/wire", "devices/sim"}},
	{packages: []string{"cmd/devicesim", "cmd/devicesim/*"}, may: []string{"devices/sim", "devices/wire", "configs", "cmd/devicesim/*"}},
	{
		packages: []string{"cmd/server", "cmd/server/*"},
		may:      []string{"broker", "broker/*", "devices", "devices/*", "db", "web", "configs", "cmd/server/*"},
		not:      []string{"devices/sim"},
	},
}

// suites are packages that hold tests for others to run, and prove is their
// support: outside tests only a suite may import prove, and nothing a suite.
var suites = []string{
	"broker/mqtttest", "broker/storetest", "devices/storetest",
	"devices/ledger/storetest", "devices/schedule/storetest", "devices/statistics/storetest", "devices/calendar/storetest", "devices/timetable/storetest", "devices/shift/storetest", "devices/plans/storetest", "devices/bans/storetest",
	"prove/property",
}

// homes are libraries that live in one place.
var homes = []struct {
	library string // import path, or the beginning of it
	home    string
}{
	{"gorm.io/", "db"},
	{"github.com/go-gormigrate/", "db"},
	{"github.com/mattn/go-sqlite3", "db"},
	{"modernc.org/sqlite", "db"},
	{"database/sql", "db"},
	{"github.com/gin-gonic/", "web"},
	{"github.com/danielgtaylor/huma/", "web"},
	{"github.com/spf13/viper", "configs"},
	{"github.com/eclipse/paho", "cmd/devicesim"},
	{"github.com/gobwas/ws", "broker"},
	{"github.com/robfig/cron/", "devices/schedule"},
	{"github.com/arran4/golang-ical", "devices/calendar"},
	{"filippo.io/age", "devices/backup"},
}

// guests are clients, for tests, of what lives in the home of a library.
var guests = map[string]string{"prove/mqtt": "broker"}

func TestPackagesImportOnlyWhatTheTableAllows(t *testing.T) {
	t.Parallel()
	for _, cgo := range []string{"0", "1"} {
		for _, p := range packages(t, cgo) {
			for _, problem := range problems(p) {
				t.Errorf("CGO_ENABLED=%s: %s", cgo, problem)
			}
		}
	}
}

func TestRulesRefuseWhatTheyShould(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"broker", "broker/topic", true},
		{"broker", "devices", false},
		{"broker", "broker/failpoint", true},
		{"broker/journal", "broker/failpoint", true},
		{"broker/journal", "broker", true},
		{"broker/journal", "broker/mqtttest", false},
		{"broker/journal", "prove", false},
		{"broker/storetest", "prove", true},
		{"devices", "broker", false},
		{"devices/ledger", "devices/command", true},
		{"devices/ledger", "devices/schedule", false},
		{"devices/wire", "devices", false},
		{"devices/storetest", "devices/ledger", true},
		{"db", "devices/ledger", true},
		{"db", "web", false},
		{"db", "broker/packet", true},
		{"db", "broker/topic", false},
		{"devices/ledger/storetest", "devices/ledger", true},
		{"devices/ledger/storetest", "devices/schedule", false},
		{"db", "devices/storetest", false},
		{"web", "db", false},
		{"web", "devices/wire", false},
		{"web", "devices/operators", true},
		{"cmd/devicesim", "broker", false},
		{"cmd/devicesim", "devices/sim", true},
		{"cmd/server", "devices/sim", false},
		{"cmd/server", "prove", false},
		{"cmd/server", "prove/mqtt", false},
		{"prove/mqtt", "broker/packet", false},
		{"prove/mqttload", "prove/mqtt", true},
		{"prove/mqttload", "broker", false},
		{"prove/served", "broker", false},
		{"prove/proxy", "prove/mqtt", false},
		{"prove/property", "devices/sim", true},
		{"prove/property", "devices", false},
		{"cmd/server", "db", true},
		{"elsewhere", "configs", false},
	} {
		p := pkg{ImportPath: module + "/" + c.from, Imports: []string{module + "/" + c.to}}
		if got := len(problems(p)) == 0; got != c.allowed {
			t.Errorf("%s imports %s: allowed = %v, want %v", c.from, c.to, got, c.allowed)
		}
	}
	for _, c := range []pkg{
		{ImportPath: "gatehouse/web", Imports: []string{"gorm.io/gorm"}},
		{ImportPath: "gatehouse/cmd/server", Imports: []string{"github.com/spf13/viper"}},
		{ImportPath: "gatehouse/devices", Imports: []string{"github.com/gin-gonic/gin"}},
		{ImportPath: "gatehouse/prove/mqttload", Imports: []string{"github.com/gobwas/ws"}},
	} {
		if len(problems(c)) == 0 {
			t.Errorf("%s may import %s", c.ImportPath, c.Imports)
		}
	}
}

// pkg is what go list says of a package; Imports are those of its files that are
// not tests.
type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T, cgo string) []pkg {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", "-tags", "nomsgpack", module+"/...")
	list.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		t.Fatal("go list names no package")
	}
	return all
}

// problems lists what p imports and may not.
func problems(p pkg) []string {
	name := strings.TrimPrefix(p.ImportPath, module+"/")
	var found []string
	for _, imported := range p.Imports {
		for _, h := range homes {
			if strings.HasPrefix(imported, h.library) && name != h.home && !strings.HasPrefix(name, h.home+"/") && guests[name] != h.home {
				found = append(found, name+" imports "+imported+", which belongs in "+h.home)
			}
		}
		ours, ok := strings.CutPrefix(imported, module+"/")
		if !ok {
			continue
		}
		if ours == "prove" && match(suites, name) {
			continue
		}
		if ours == "prove" || match(suites, ours) {
			found = append(found, name+" imports "+ours+", which is for tests")
		} else if !allowed(name, ours) {
			found = append(found, name+" may not import "+ours)
		}
	}
	return found
}

func allowed(from, to string) bool {
	for _, r := range rules {
		if match(r.packages, from) {
			return match(r.may, to) && !match(r.not, to)
		}
	}
	return false
}

func match(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if below, ok := strings.CutSuffix(p, "/*"); ok {
			return strings.HasPrefix(name, below+"/")
		}
		return p == name
	})
}
