package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/db"
	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// holders are those who have something that lets them in, in a folder that is copied and then damaged.
type holders struct {
	dir           string
	gate, other   seenCredential
	program       struct{ Username, Password string }
	site, foreign string // the programs and chen are limited to the first
	token         string // of a program that may only see
	password      string // of chen, who may only see
	door          string // of the first site
}

// prepare makes them, and stops the server.
func prepare(t *testing.T) *holders {
	t.Helper()
	o := &holders{dir: t.TempDir()}
	p := runProgram(t, o.dir, false)
	s := signUp(t, p)
	var d seenDevice
	d, o.gate = s.enrol("gate")
	o.site, o.door = d.Site, d.ID
	d, o.other = s.enrol("gate")
	o.foreign = d.Site
	s.must(http.MethodPost, "/integrators", map[string]any{"name": "Lift", "sites": []string{o.site}}, 201, &o.program)
	var reader struct{ Secret string }
	s.must(http.MethodPost, "/tokens", map[string]any{"name": "Screens", "verbs": []string{"devices.see"}, "sites": []string{o.site}, "expires": time.Now().Add(time.Hour)}, 201, &reader)
	o.token = reader.Secret
	var role struct{ ID string }
	s.must(http.MethodPost, "/roles", map[string]any{"name": "Lookout", "verbs": []string{"devices.see"}}, 201, &role)
	var made struct{ Password string }
	scope := map[string]any{"sites": []string{o.site}, "zones": []string{}, "hours": []string{}}
	s.must(http.MethodPost, "/people", map[string]any{"name": "chen", "role": role.ID, "scope": scope}, 201, &made)
	chen := newStaff(t, p.Console)
	chen.must(http.MethodPost, "/session", map[string]any{"name": "chen", "password": made.Password}, 200, nil)
	o.password = "seven small boats upstream"
	chen.must(http.MethodPut, "/session/password", map[string]any{"oldPassword": made.Password, "password": o.password}, 204, nil)
	must(t, p.stop())
	return o
}

// copied is the folder once more, for one damage.
func (o *holders) copied(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(o.dir)))
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(path, map[bool]os.FileMode{true: 0o700, false: 0o600}[e.IsDir()])
	}))
	return dir
}

// gains are what somebody got that they had no right to.
func (o *holders) gains(t *testing.T, p *program) (gained []string) {
	t.Helper()
	gain := func(is bool, what string, args ...any) {
		if is {
			gained = append(gained, fmt.Sprintf(what, args...))
		}
	}
	for _, v := range []mqtt.Version{mqtt.V311, mqtt.V5} {
		for _, c := range []mqtt.Connect{
			{ClientID: "nobody"}, {ClientID: o.gate.ClientID}, {ClientID: o.gate.ClientID, User: o.gate.Username}, {ClientID: o.gate.ClientID, User: o.gate.Username, Password: strings.Repeat("\x00", 32)},
			{ClientID: o.gate.ClientID, User: o.gate.Username, Password: "wrong"}, {ClientID: o.gate.ClientID, User: o.gate.Username, Password: o.other.Password},
			{ClientID: o.gate.ClientID, User: o.other.Username, Password: o.other.Password}, {ClientID: "lift", User: o.program.Username}, {ClientID: "lift", User: o.program.Username, Password: o.other.Password},
			{ClientID: o.gate.ClientID, User: o.program.Username, Password: o.program.Password},
		} {
			c.Version = v
			conn, err := mqtt.Dial(p.MQTT, mqtt.Options{Connect: c, Timeout: patience})
			if err == nil {
				conn.Cut()
			}
			gain(err == nil, "version %d: %q is let in as %q with %q", v, c.ClientID, c.User, c.Password)
		}
	}
	denied := []string{"#", "gatehouse/v1/feed/#", "gatehouse/v1/feed/" + o.foreign + "/#", o.other.TopicPrefix + "/#"}
	for who, c := range map[string]mqtt.Connect{
		"the gate": {ClientID: o.gate.ClientID, User: o.gate.Username, Password: o.gate.Password}, "the program": {ClientID: "lift", User: o.program.Username, Password: o.program.Password},
	} {
		gain(o.reads(t, p, c, denied), "%s reads what it may not", who)
	}
	nobody := newStaff(t, p.Console)
	for _, header := range [][]string{nil, {"Cookie", "gatehouse="}, {"Authorization", "Bearer "}, {"Authorization", "Bearer " + o.gate.Password}} {
		status, _ := nobody.call(http.MethodGet, "/live/snapshot", nil, header...)
		gain(status < 300, "somebody with %v sees the property", header)
	}
	for _, login := range [][2]string{{"chen", ""}, {"chen", "wrong password of chen"}, {"chen", adminPassword}, {adminName, o.password}, {"", ""}} {
		status, _ := newStaff(t, p.Console).call(http.MethodPost, "/session", map[string]any{"name": login[0], "password": login[1]})
		gain(status < 300, "%q is signed in with %q", login[0], login[1])
	}
	return append(gained, o.oversteps(newStaff(t, p.Console), newStaff(t, p.Console))...)
}

// reads says whether somebody is let in and granted a filter, or published as another one.
func (o *holders) reads(t *testing.T, p *program, c mqtt.Connect, denied []string) bool {
	t.Helper()
	c.Version = mqtt.V5
	conn, err := mqtt.Dial(p.MQTT, mqtt.Options{Connect: c, Timeout: patience})
	if err != nil {
		return false // whose right is damaged may be outside
	}
	defer conn.Cut()
	conn.Subscribe(1, 1, denied...)
	conn.Publish(mqtt.Publish{Topic: []byte(o.other.TopicPrefix + "/state"), QoS: 1, ID: 2, Payload: []byte("{}")})
	must(t, conn.Flush())
	for answers := 0; answers < 2; {
		a, err := conn.Read()
		switch {
		case err != nil:
			return false
		case a.Type == mqtt.SUBACK:
			answers++
			for _, code := range a.Codes {
				if code < 0x80 {
					return true
				}
			}
		case a.Type == mqtt.PUBACK:
			if answers++; a.Code < 0x80 {
				return true
			}
		}
	}
	return false
}

// oversteps has those with few rights, if they are let in, try what is beyond them.
func (o *holders) oversteps(chen, screens *staff) (gained []string) {
	status, _ := chen.call(http.MethodPost, "/session", map[string]any{"name": "chen", "password": o.password})
	for who, by := range map[string]func(method, path string, body any) (int, []byte){
		"chen": func(m, path string, b any) (int, []byte) { return chen.call(m, path, b, "Idempotency-Key", newKey()) },
		"a token": func(m, path string, b any) (int, []byte) {
			return screens.call(m, path, b, "Idempotency-Key", newKey(), "Authorization", "Bearer "+o.token)
		},
	} {
		if who == "chen" && status != http.StatusOK {
			continue
		}
		for _, path := range []string{"/people", "/audit", "/tokens", "/broker/clients"} {
			if got, _ := by(http.MethodGet, path, nil); got < 300 {
				gained = append(gained, who+" reads "+path)
			}
		}
		if got, _ := by(http.MethodPost, "/devices/"+o.door+"/commands", map[string]any{"action": "open"}); got < 300 {
			gained = append(gained, who+" opens a door")
		}
		if _, body := by(http.MethodGet, "/live/snapshot", nil); strings.Contains(string(body), o.foreign) {
			gained = append(gained, who+" sees a site beyond their scope")
		}
	}
	return gained
}

// statements are what may have become of rows.
func statements() []string {
	columns := map[string][]string{
		"credentials.secret_hash": {"x''", "zeroblob(32)", "substr(secret_hash, 1, 4)"}, "credentials.holder": {"''", "'administrator'"}, "credentials.command_key": {"x''"}, "credentials.site": {"NULL"}, "credentials.device": {"NULL"},
		"credentials.sites":  {"''", "'null'", "'[]'", "'{'", `'[""]'`, `'["+"]'`, `'["#"]'`},
		"operators.password": {"''", "'$argon2id$v=19$m=0,t=0,p=0$$'", "substr(password, 1, 40)", "'x'"}, "operators.role": {"''", "'nonsense'", "'Administrator'"},
		"operators.scope":  {"''", "'{'", "'null'", "'[]'", `'{"places":"all"}'`, `'{"places":[{}]}'`, `'{"places":null}'`, `'{"place":[]}'`, `substr(scope, 1, 20)`},
		"operators.factor": {"x''", "x'00'"}, "operators.recovery": {"'{'", `'[""]'`}, "operators.disabled": {"7"},
		"roles.verbs":     {"''", "'null'", `'["*"]'`, "'{'", `'[""]'`},
		"api_tokens.hash": {"x''", "zeroblob(32)"}, "api_tokens.verbs": {"''", "'null'", `'["*"]'`}, "api_tokens.maker": {"''"}, "api_tokens.ends": {"0"},
		"api_tokens.part":            {"''", "'null'", "'{'", `'{"places":[]}'`, `'{"place":[]}'`, "substr(part, 1, 10)"},
		"operator_sessions.operator": {"''", "'nobody'"}, "operator_sessions.expires": {"0"},
		"settings.value": {"''", "'{'", "'null'"},
	}
	var list []string
	for column, values := range columns {
		table, name, _ := strings.Cut(column, ".")
		for _, v := range values {
			list = append(list, "UPDATE "+table+" SET "+name+" = "+v)
		}
		list = append(list, "DELETE FROM "+table, "DROP TABLE "+table)
	}
	one := " = x'' WHERE session = (SELECT min(session) FROM operator_sessions)"
	slices.Sort(list)
	return append(slices.Compact(list), "UPDATE operator_sessions SET session"+one, "UPDATE operator_sessions SET token"+one)
}

// files are what may have become of files, each by its name.
func files(t *testing.T) map[string]func(dir string) error {
	t.Helper()
	all := map[string]func(string) error{}
	random := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 7))
	for _, name := range []string{db.FileName, "data.key"} {
		change := func(what string, change func(content []byte) []byte) {
			all[name+" is "+what] = func(dir string) error {
				content, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(dir, name), change(content), 0o600)
			}
		}
		change("empty", func([]byte) []byte { return nil })
		change("zeros", func(c []byte) []byte { return make([]byte, len(c)) })
		all[name+" is gone"] = func(dir string) error { return os.Remove(filepath.Join(dir, name)) }
		for n := range prove.Size(1, 60) {
			where := random.Float64()
			change(fmt.Sprint("cut, ", n), func(c []byte) []byte { return c[:int(where*float64(len(c)))] })
			change(fmt.Sprint("changed, ", n), func(c []byte) []byte {
				from := int(where * float64(len(c)))
				for i := from; i < min(from+1+n*16, len(c)); i++ {
					c[i] ^= byte(1 + i%255)
				}
				return c
			})
		}
	}
	return all
}

// tally counts what became of damages.
type tally struct{ refused, started, live, gained int }

func (c *tally) judge(t *testing.T, what string, o *holders, p *program) {
	t.Helper()
	for _, gain := range o.gains(t, p) {
		c.gained++
		t.Errorf("%s: %s", what, gain)
	}
	_ = p.stop() // what is damaged may end with an error
}

// atStart starts a server on a folder that was damaged.
func (c *tally) atStart(t *testing.T, what string, o *holders, dir string) {
	t.Helper()
	p, err := tryProgram(t, dir, false)
	if err != nil {
		c.refused++
		return
	}
	c.started++
	c.judge(t, what, o, p)
}

// Whatever has become of the store of rights, nobody gains any by it: the start is refused, or somebody may do
// less than before (OWASP ASVS 5.0 8.2.1, 16.5.3).
func TestADamagedStoreOfRightsGivesNobodyMore(t *testing.T) {
	t.Parallel()
	o := prepare(t)
	var c tally
	part := int(uint64(prove.Seed(t)) % 6)
	for n, sql := range statements() {
		if !prove.Full() && n%6 != part {
			continue
		}
		sql = "PRAGMA foreign_keys = OFF; " + sql
		dir := o.copied(t)
		tamper(t, dir, sql)
		c.atStart(t, sql, o, dir)
		if n%5 == 0 || prove.Full() { // and under a server that runs
			p := runProgram(t, o.copied(t), false)
			tamper(t, p.Dir, sql)
			c.live++
			c.judge(t, sql+" meanwhile", o, p)
		}
	}
	for what, damage := range files(t) {
		dir := o.copied(t)
		must(t, damage(dir))
		c.atStart(t, what, o, dir)
	}
	if c.started == 0 || c.refused == 0 {
		t.Errorf("%d damages started, %d were refused", c.started, c.refused)
	}
	prove.Record(t, "a damaged, empty, cut or missing store of credentials, accounts, roles and tokens, at the start and meanwhile", "0 rights gained; start refused, or less than before",
		fmt.Sprintf("%d damages: %d starts refused, %d started; %d under a server that runs; %d rights gained", c.started+c.refused, c.refused, c.started, c.live, c.gained))
}
