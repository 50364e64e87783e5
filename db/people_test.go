package db

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
	"gatehouse/devices/operators"
)

var wang = operators.Operator{
	ID: "op-1", Name: "Wang", Password: "$argon2id$x", Role: operators.Administrator, Language: "zh-CN", Theme: "dark", Created: start,
}

func TestOnlyOneFirstOperator(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := opened(t).Operators()
	results := make(chan error)
	for _, id := range []operators.ID{"a", "b", "c", "d"} {
		go func() {
			o := wang
			o.ID, o.Name = id, string(id)
			results <- s.AddFirstOperator(ctx, o, entry("setup", "operator"))
		}()
	}
	made := 0
	for range 4 {
		if err := <-results; err == nil {
			made++
		} else {
			wantCode(t, err, devices.Conflict)
		}
	}
	n, err := s.Operators(ctx)
	ok(t, err)
	if made != 1 || n != 1 {
		t.Errorf("%d made, %d there; want one", made, n)
	}
}

func TestOperatorIsFoundByNameInAnyCase(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := opened(t).Operators()
	ok(t, s.AddFirstOperator(ctx, wang, entry("setup", "operator")))
	want := wang
	want.Scope = devices.Scope{Places: []devices.Place{{Site: "s"}, {Site: "t", Zone: "z"}}, Hours: devices.Hours{{Days: []time.Weekday{1, 5}, From: 480, To: 60}}}
	want.Password, want.Language, want.Theme, want.MustChange, want.FirstEnds = "$argon2id$y", "en", "light", true, time.Unix(9, 0).UTC()
	want.Factor = operators.Factor{Secret: []byte{1, 2}, Step: 3, Recovery: [][32]byte{{4}, {5}}}
	edited, err := s.EditOperator(ctx, wang.ID, func(o *operators.Operator) *devices.AuditEntry {
		o.ID, o.Name, o.Created = "other", "Other", time.Time{}
		o.Password, o.Language, o.Theme, o.Factor = want.Password, want.Language, want.Theme, want.Factor
		o.MustChange, o.FirstEnds, o.Scope = want.MustChange, want.FirstEnds, want.Scope
		return nil
	})
	ok(t, err)
	if d := cmp.Diff(want, edited); d != "" {
		t.Error(d)
	}
	got, err := s.OperatorByName(ctx, "wANG")
	ok(t, err)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	_, err = s.OperatorByName(ctx, "nobody")
	wantCode(t, err, devices.NotFound)
	_, err = s.Operator(ctx, "nobody")
	wantCode(t, err, devices.NotFound)
	_, err = s.EditOperator(ctx, "nobody", func(*operators.Operator) *devices.AuditEntry { return nil })
	wantCode(t, err, devices.NotFound)
}

func TestNamesOfOperatorsAreNotSharedAndOneAdministratorStays(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	s := d.Operators()
	ok(t, s.AddFirstOperator(ctx, wang, entry("setup", "operator")))
	guard := operators.Operator{ID: "op-2", Name: "An", Password: "$argon2id$z", Role: operators.Guard, Created: start}
	ok(t, s.AddOperator(ctx, guard, entry("operator.create", "operator:op-2")))
	twin := guard
	twin.ID, twin.Name = "op-3", "AN"
	wantCode(t, s.AddOperator(ctx, twin, entry("operator.create", "operator:op-3")), devices.Conflict)
	rows, err := d.Devices().Audit(ctx, 0, 0)
	ok(t, err)
	written := len(rows)

	for what, change := range map[string]func(*operators.Operator){
		"a lesser role": func(o *operators.Operator) { o.Role = operators.Manager },
		"a shut door":   func(o *operators.Operator) { o.Disabled = true },
	} {
		_, err := s.EditOperator(ctx, wang.ID, func(o *operators.Operator) *devices.AuditEntry {
			change(o)
			a := entry("operator.role", "operator:op-1")
			return &a
		})
		if wantCode(t, err, devices.Conflict); err == nil {
			t.Errorf("%s for the last administrator", what)
		}
	}
	all, err := s.AllOperators(ctx)
	ok(t, err)
	if d := cmp.Diff([]operators.Operator{guard, wang}, all); d != "" {
		t.Error(d)
	}
	rows, err = d.Devices().Audit(ctx, 0, 0)
	ok(t, err)
	if len(rows) != written {
		t.Error("a change that was refused is in the audit trail")
	}
}

func TestWhichRolesNeedASecondFactorIsKept(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := opened(t).Operators()
	_, said, err := s.FactorRoles(ctx)
	ok(t, err)
	if said {
		t.Error("somebody said so in a new database")
	}
	for _, want := range [][]operators.Role{{operators.Guard, operators.Manager}, {}} {
		ok(t, s.SetFactorRoles(ctx, want, entry("factor.roles", "policy:factor")))
		got, said, err := s.FactorRoles(ctx)
		ok(t, err)
		if d := cmp.Diff(want, got); d != "" || !said {
			t.Errorf("said %v: %s", said, d)
		}
	}
}

func TestSessionsEndByTimeAndByHand(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := opened(t).Operators()
	ok(t, s.AddFirstOperator(ctx, wang, entry("setup", "operator")))
	session := func(n byte, seen, expires time.Duration) operators.Session {
		return operators.Session{
			Key: [32]byte{n}, Token: [32]byte{n, n}, Operator: wang.ID, Created: start, LastSeen: start.Add(seen), Expires: start.Add(expires),
			Address: "192.0.2.1", UserAgent: "browser",
		}
	}
	alive, idle, over := session(1, time.Hour, 2*time.Hour), session(2, 0, 2*time.Hour), session(3, time.Hour, time.Hour)
	for _, v := range []operators.Session{alive, idle, over} {
		ok(t, s.AddSession(ctx, v, entry("session.create", "session")))
	}
	nobodys := session(4, 0, time.Hour)
	nobodys.Operator = "nobody"
	wantCode(t, s.AddSession(ctx, nobodys, entry("session.create", "session")), devices.NotFound)

	ended, err := s.DeleteExpired(ctx, start.Add(time.Hour), 30*time.Minute)
	ok(t, err)
	if d := cmp.Diff([][32]byte{idle.Key, over.Key}, ended); d != "" {
		t.Error(d)
	}
	ended, err = s.DeleteExpired(ctx, start.Add(time.Hour), 30*time.Minute)
	ok(t, err)
	if len(ended) != 0 {
		t.Errorf("ended again: %v", ended)
	}

	of, err := s.SessionsOf(ctx, wang.ID)
	ok(t, err)
	if d := cmp.Diff([]operators.Session{alive}, of); d != "" {
		t.Error(d)
	}
	at := start.Add(61 * time.Minute)
	was := alive.Token
	wantCode(t, s.ProveSession(ctx, alive.Key, alive.Key, [32]byte{9}, at, entry("prove", "session")), devices.NotFound)
	ok(t, s.ProveSession(ctx, alive.Key, was, [32]byte{9}, at, entry("prove", "session")))
	_, err = s.Session(ctx, was)
	wantCode(t, err, devices.NotFound)
	alive.Proved, alive.Token = at, [32]byte{9}
	ok(t, s.TouchSession(ctx, alive.Key, at))
	alive.LastSeen = at
	got, err := s.Session(ctx, alive.Token)
	ok(t, err)
	if d := cmp.Diff(alive, got); d != "" {
		t.Error(d)
	}
	ok(t, s.DeleteSession(ctx, alive.Key, entry("session.delete", "session")))
	_, err = s.Session(ctx, alive.Token)
	wantCode(t, err, devices.NotFound)
	wantCode(t, s.TouchSession(ctx, alive.Key, at), devices.NotFound)
	wantCode(t, s.ProveSession(ctx, alive.Key, alive.Token, was, at, entry("prove", "session")), devices.NotFound)
	wantCode(t, s.DeleteSession(ctx, alive.Key, entry("session.delete", "session")), devices.NotFound)
}

func TestCredentialIsReplacedAndTakenAway(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	register(t, d, gate)
	s := d.Credentials()
	device := credentials.Credential{
		Username: "gate-1", Holder: credentials.ForDevice, SecretHash: [32]byte{1, 2}, CommandKey: []byte{3, 4},
		Device: gate.ID, Site: gate.Site, Created: start,
	}
	touch := func(username string, u credentials.Use) error {
		return s.TouchCredentials(ctx, map[string]credentials.Use{username: u})
	}
	reader := credentials.Credential{
		Username: "int-1", Holder: credentials.ForIntegrator, SecretHash: [32]byte{9}, Name: "大屏",
		Sites: []devices.SiteID{"site-1", "site-2"}, Created: start,
		Feeds: []string{"alarm", "device"}, Ends: start.Add(time.Hour),
	}
	for _, c := range []credentials.Credential{device, reader} {
		ok(t, s.PutCredential(ctx, c, entry("credential.create", c.Username)))
	}
	device.SecretHash, device.CommandKey, device.Certificate = [32]byte{7}, []byte{8}, true
	ok(t, s.PutCredential(ctx, device, entry("credential.rotate", device.Username)))
	reader.LastUsed = start.Add(time.Minute)
	ok(t, touch(reader.Username, credentials.Use{At: reader.LastUsed}))
	device.LastUsed, device.Shown = start.Add(time.Minute), credentials.Shown{Fingerprint: strings.Repeat("ab", 32), Until: start.Add(time.Hour)}
	ok(t, touch(device.Username, credentials.Use{At: start, Shown: device.Shown}))
	ok(t, touch(device.Username, credentials.Use{At: device.LastUsed})) // with a password: the certificate stays
	ok(t, touch(device.Username, credentials.Use{Shown: device.Shown})) // not let in: the time stays
	for _, want := range []credentials.Credential{device, reader} {
		got, err := s.Credential(ctx, want.Username)
		ok(t, err)
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		all, err := s.Credentials(ctx, want.Holder)
		ok(t, err)
		if d := cmp.Diff([]credentials.Credential{want}, all); d != "" {
			t.Error(d)
		}
	}
	ok(t, s.DeleteCredential(ctx, device.Username, entry("credential.delete", device.Username)))
	_, err := s.Credential(ctx, device.Username)
	wantCode(t, err, devices.NotFound)
	wantCode(t, s.DeleteCredential(ctx, device.Username, entry("credential.delete", device.Username)), devices.NotFound)
	ok(t, touch(device.Username, credentials.Use{At: start})) // gone: passed over
	device.Device = "none"
	wantCode(t, s.PutCredential(ctx, device, entry("credential.create", "none")), devices.NotFound)
}

func TestManyCredentialsAreReplacedTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := opened(t)
	other := gate
	other.ID, other.Name = "gate-2", "another gate"
	register(t, d, gate, other)
	s := d.Credentials()
	list := func(secret byte, third devices.DeviceID) (cs []credentials.Credential, as []devices.AuditEntry) {
		for _, id := range []devices.DeviceID{gate.ID, other.ID, third} {
			cs = append(cs, credentials.Credential{
				Username: string(id), Holder: credentials.ForDevice, SecretHash: [32]byte{secret}, Device: id, Site: gate.Site, Created: start,
			})
			as = append(as, entry("credential.issue", string(id)))
		}
		return cs, as
	}
	cs, as := list(1, gate.ID)
	ok(t, s.PutCredentials(ctx, cs[:2], as[:2]))
	cs, as = list(2, "none")
	wantCode(t, s.PutCredentials(ctx, cs, as), devices.NotFound)
	for _, id := range []string{"gate-1", "gate-2"} {
		if c, err := s.Credential(ctx, id); err != nil || c.SecretHash != [32]byte{1} {
			t.Errorf("%s: %v, %v: want the one before", id, c.SecretHash[:1], err)
		}
	}
	rows, err := d.Devices().Audit(ctx, 0, 100)
	ok(t, err)
	issues := 0
	for _, r := range rows {
		if r.Verb == "credential.issue" {
			issues++
		}
	}
	if issues != 2 {
		t.Errorf("%d audit rows, want one per credential that was replaced", issues)
	}
}
