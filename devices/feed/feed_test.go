package feed_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/alarms"
	"gatehouse/devices/arbiter"
	"gatehouse/devices/command"
	"gatehouse/devices/feed"
	"gatehouse/devices/presence"
)

// outlet is a broker that remembers.
type outlet struct {
	retained map[string][]byte
	ticks    map[string][]byte
}

func newOutlet() *outlet {
	return &outlet{retained: map[string][]byte{}, ticks: map[string][]byte{}}
}

func (o *outlet) Put(topic string, payload []byte)  { o.retained[topic] = payload }
func (o *outlet) Clear(topic string)                { delete(o.retained, topic) }
func (o *outlet) Tick(topic string, payload []byte) { o.ticks[topic] = payload }

var (
	t0   = time.Date(2026, 3, 1, 16, 30, 0, 123e6, time.FixedZone("CST", 8*3600))
	gate = devices.Device{ID: "g1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "东门道闸"}
)

func read[T any](t *testing.T, payload []byte) T {
	t.Helper()
	var v T
	if payload == nil {
		t.Fatal("nothing was published there")
	}
	if err := json.Unmarshal(payload, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDeviceIsToldWhole(t *testing.T) {
	t.Parallel()
	o := newOutlet()
	feed.NewPublisher(o, nil).Device(devices.Live{
		Device: gate,
		Link:   presence.Link{Status: presence.Online, Since: t0, Cause: "keep-alive", Flapping: true, FlappingSince: t0},
		State: devices.State{
			Alarm: devices.ForcedOpen, Power: devices.Battery, Signal: -67, Heartbeat: 30 * time.Second,
			Drift: devices.Drift{By: -6 * time.Second, At: t0},
			Mode:  devices.Controlled, Physical: devices.MovingOpen, Tamper: true, Fault: "E7", Counters: map[string]int64{"in": 3},
			Capabilities: []devices.Action{devices.ActionOpen}, Firmware: "2.0", ReportedAt: t0,
		},
		Last:     &devices.Event{Device: "g1", ID: "e1", Type: "passage", Credential: "plate:粤B12345", ArrivedAt: t0, DeviceTime: t0},
		Revision: 42,
	})
	d := read[feed.Device](t, o.retained["gatehouse/v1/feed/s1/z1/device/g1"])
	if d.ID != "g1" || d.Site != "s1" || d.Zone != "z1" || d.Kind != "gate" || d.Name != "东门道闸" || d.Revision != 42 ||
		d.Link.Status != "online" || d.Link.Cause != "keep-alive" || d.Link.Since == nil || !d.Link.Since.Equal(t0) ||
		!d.Link.Flapping || d.Link.FlappingSince == nil || !d.Link.FlappingSince.Equal(t0) ||
		d.Mode != "controlled" || d.Physical != "opening" || !d.Tamper || d.Fault != "E7" || d.Counters["in"] != 3 ||
		d.Capabilities[0] != "open" || d.Firmware != "2.0" || d.ReportedAt == nil || d.LastEvent.Credential != "plate:粤B12345" || d.Doubt != "" ||
		d.Alarm != "forced_open" || d.Power != "battery" || *d.Signal != -67 || d.Heartbeat != 30 ||
		d.ClockDrift.Ms != -6000 || !d.ClockDrift.Wrong || !d.ClockDrift.At.Equal(t0) {
		t.Errorf("the feed says %+v", d)
	}
	if d.Link.Since.Location() != time.UTC {
		t.Errorf("a time is in %v", d.Link.Since.Location())
	}
}

func TestWhatADeviceSaidLastIsNotToldAsTrueNow(t *testing.T) {
	t.Parallel()
	said := devices.State{
		Mode: devices.HeldOpen, Modes: map[string]devices.Mode{"in": devices.HeldOpen}, Physical: devices.Open, Alarm: devices.ForcedOpen,
		Power: devices.Mains, Signal: -60, Tamper: true, Fault: "E7", Counters: map[string]int64{"in": 3}, Firmware: "2.0", ReportedAt: t0,
	}
	for doubt, l := range map[string]devices.Live{
		"offline":      {Link: presence.Link{Status: presence.Offline}, State: said},
		"never_seen":   {Link: presence.Link{Status: presence.NeverSeen}, State: said},
		"not_reported": {Link: presence.Link{Status: presence.Online}, State: devices.State{Physical: devices.Open}},
		"too_old":      {Link: presence.Link{Status: presence.Online}, State: said, Doubt: devices.TooOld},
	} {
		l.Device = gate
		d := feed.DeviceOf(l)
		if d.Doubt != doubt || d.Physical != "unknown" || d.Mode != "" || len(d.Modes) != 0 || d.Alarm != "" || d.Power != "" || d.Signal != nil {
			t.Errorf("%s: %+v", doubt, d)
		}
		if doubt != "not_reported" && (!d.Tamper || d.Fault != "E7" || d.Counters["in"] != 3 || d.Firmware != "2.0" || d.ReportedAt == nil) {
			t.Errorf("%s: what holds until it is taken back is lost: %+v", doubt, d)
		}
	}
}

func TestListsAndMapsAreNeverNull(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"device":   feed.DeviceOf(devices.Live{Device: gate}),
		"command":  feed.CommandOf(devices.Command{}),
		"today":    feed.TodayOf("s1", "2026-03-01", devices.Tally{}),
		"snapshot": feed.SnapshotOf(devices.Snapshot{}, nil),
	} {
		body, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		text := string(body)
		for _, field := range []string{"reportedAt", "since", "flappingSince", "lastEvent", "signal", "clockDrift", "telemetry"} { // these say that there is none
			text = strings.ReplaceAll(text, `"`+field+`":null`, "")
		}
		if strings.Contains(text, "null") {
			t.Errorf("%s has a null: %s", name, body)
		}
	}
	if d := feed.DeviceOf(devices.Live{Device: gate}); d.Physical != "unknown" {
		t.Errorf("a device without a report is %q", d.Physical)
	}
}

func TestCommandStaysUntilItIsTakenAway(t *testing.T) {
	t.Parallel()
	o := newOutlet()
	p := feed.NewPublisher(o, nil)
	c := devices.Command{
		ID: "c1", Device: "g1", Site: "s1", Zone: "z1", Action: devices.ActionOpen, Reason: "delivery", Issued: t0, TTL: 5 * time.Second,
		Actor: devices.Actor{Kind: devices.ActorOperator, ID: "op", Name: "王芳", Address: "192.0.2.7"},
		Ladder: command.Ladder{Rungs: []command.Rung{
			{Step: command.Accepted, At: t0}, {Step: command.Refused, At: t0, Detail: "blocked"}, {Step: command.Delivered, At: t0},
		}},
		Revision: 7,
	}
	p.Command(c)
	const topic = "gatehouse/v1/feed/s1/z1/command/c1"
	got := read[feed.Command](t, o.retained[topic])
	if got.Step != "refused" || !got.Ended || len(got.Rungs) != 3 || got.Rungs[1].Detail != "blocked" || got.TTL != 5000 ||
		got.Actor.Name != "王芳" || got.Revision != 7 || !got.Issued.Equal(t0) {
		t.Errorf("the feed says %+v", got)
	}
	if strings.Contains(string(o.retained[topic]), "192.0.2.7") {
		t.Error("the feed tells an actor's address")
	}
	p.CommandGone(c)
	if len(o.retained) != 0 {
		t.Errorf("still there: %v", o.retained)
	}
}

func TestTodayAndHeartbeatsAreOfTheWholeSiteOrAZone(t *testing.T) {
	t.Parallel()
	o := newOutlet()
	p := feed.NewPublisher(o, nil)
	p.Today(devices.Site{ID: "s1"}, "2026-03-01", devices.Tally{
		Passages: 3, LedgerRows: 2, Takings: map[string]int64{"EUR": 250, "CNY": 1500}, Quarantined: 1, Revision: 9,
	})
	today := read[feed.Today](t, o.retained["gatehouse/v1/feed/s1/-/today/-"])
	if today.Day != "2026-03-01" || today.Passages != 3 || today.LedgerRows != 2 || today.Quarantined != 1 || today.Revision != 9 ||
		len(today.Takings) != 2 || today.Takings[0] != (feed.Money{Amount: 1500, Currency: "CNY"}) {
		t.Errorf("the feed says %+v", today)
	}
	p.Heartbeat("s1", "z1", t0, 12)
	p.Heartbeat("s1", "", t0, 11)
	if b := read[feed.Heartbeat](t, o.ticks["gatehouse/v1/feed/s1/z1/heartbeat/-"]); b.Revision != 12 || !b.At.Equal(t0) {
		t.Errorf("the zone's heartbeat is %+v", b)
	}
	if b := read[feed.Heartbeat](t, o.ticks["gatehouse/v1/feed/s1/-/heartbeat/-"]); b.Revision != 11 {
		t.Errorf("the site's heartbeat is %+v", b)
	}
	if len(o.retained) != 1 {
		t.Errorf("heartbeats are retained: %v", o.retained)
	}
}

func TestAFilterWiderThanTheRightIsRefused(t *testing.T) {
	t.Parallel()
	two := []devices.SiteID{"s1", "s2"}
	for _, test := range []struct {
		sites  []devices.SiteID
		filter string
		want   bool
	}{
		{nil, "gatehouse/v1/feed/#", true}, {nil, "gatehouse/v1/feed/+/+/device/+", true}, {nil, "gatehouse/v1/feed/s9/#", true},
		{nil, "gatehouse/v1/#", false}, {nil, "#", false}, {nil, "gatehouse/+/feed/#", false}, {nil, "gatehouse/v1/feed", false},
		{nil, "gatehouse/v1/feed/", false}, {nil, "$share/g/gatehouse/v1/feed/#", false}, {nil, "gatehouse/v1/devices/#", false},
		{nil, "gatehouse/v1/feedx/#", false}, {nil, "$SYS/#", false},
		{two, "gatehouse/v1/feed/s1/#", true}, {two, "gatehouse/v1/feed/s2/+/command/+", true}, {two, "gatehouse/v1/feed/s1/z1/device/g1", true},
		{two, "gatehouse/v1/feed/s3/#", false}, {two, "gatehouse/v1/feed/+/#", false}, {two, "gatehouse/v1/feed/#", false},
		{two, "gatehouse/v1/feed/s1", false}, {two, "gatehouse/v1/feed/s1x/#", false}, {two, "gatehouse/v1/feed/+/z1/device/g1", false},
		{[]devices.SiteID{}, "gatehouse/v1/feed/s1/#", false}, {[]devices.SiteID{"+", "#"}, "gatehouse/v1/feed/+/#", false},
		{[]devices.SiteID{"#"}, "gatehouse/v1/feed/#", false},
	} {
		if got := feed.MayRead(test.sites, test.filter); got != test.want {
			t.Errorf("%v may read %s: %v, want %v", test.sites, test.filter, got, test.want)
		}
	}
	for _, s := range two {
		if !feed.MayRead(two, feed.SiteFilter(s)) {
			t.Errorf("the filter of %s is refused", s)
		}
	}
	if !feed.MayRead(nil, feed.AllFilter()) || feed.MayRead(two, feed.AllFilter()) {
		t.Error("the filter of everything is of those who may read all sites")
	}
}

func TestALayerIsToldUntilItIsReleased(t *testing.T) {
	t.Parallel()
	o := newOutlet()
	p := feed.NewPublisher(o, nil)
	l := devices.Layer{Set: true, Zone: "z1", Revision: 9, Setting: arbiter.Setting{
		Layer: arbiter.Hold, Scope: arbiter.Scope{Kind: arbiter.OfDevice, Site: "s1", ID: "t1", Direction: "in"}, Mode: devices.HeldOpen,
		By: arbiter.Who{Kind: "operator", ID: "op", Name: "王芳"}, Reason: "搬家", Since: t0, Until: t0.Add(time.Hour),
	}}
	p.Layer(l)
	const topic = "gatehouse/v1/feed/s1/z1/layer/hold.device.t1.in"
	got := read[feed.Layer](t, o.retained[topic])
	if got.ID != "hold.device.t1.in" || got.Site != "s1" || !got.Set || got.Mode != "held_open" || got.By.Name != "王芳" || got.Reason != "搬家" ||
		got.Until == nil || !got.Until.Equal(t0.Add(time.Hour)) || got.Scope.Direction != "in" || got.Revision != 9 {
		t.Errorf("the feed says %+v", got)
	}
	l.Set, l.Revision = false, 10
	p.Layer(l)
	if len(o.retained) != 0 {
		t.Errorf("still there: %v", o.retained)
	}
	l.Scope, l.Layer, l.Zone = arbiter.Scope{Kind: arbiter.OfGroup, Site: "s1", ID: "北楼"}, arbiter.Fire, ""
	l.Set = true
	p.Layer(l)
	if o.retained["gatehouse/v1/feed/s1/-/layer/fire.group.北楼"] == nil {
		t.Errorf("topics: %v", o.retained)
	}
}

func TestAnAlarmIsToldUntilItIsResolved(t *testing.T) {
	t.Parallel()
	o := newOutlet()
	p := feed.NewPublisher(o, nil)
	a := alarms.Alarm{
		ID: "a1", Site: "s1", Zone: "z1", Device: "g1", Type: alarms.Fault, Severity: alarms.Major, Raised: t0, LastSeen: t0.Add(time.Minute), Count: 3,
		Detail: "E7", Cause: alarms.Cause{Kind: alarms.CauseEvent, ID: "g1/e1"}, Revision: 9,
		Assignee: alarms.Who{Kind: devices.ActorOperator, ID: "op", Name: "王芳"},
	}
	p.Alarm(a)
	const topic = "gatehouse/v1/feed/s1/z1/alarm/a1"
	got := read[feed.Alarm](t, o.retained[topic])
	if got.Type != "fault" || got.State != "raised" || got.Loudness != "loud" || got.Count != 3 || got.Detail != "E7" || got.Cause.ID != "g1/e1" ||
		got.Assignee.Name != "王芳" || got.AcknowledgedBy != nil || got.Over != nil || got.Revision != 9 || !got.LastSeen.Equal(t0.Add(time.Minute)) {
		t.Errorf("the feed says %+v", got)
	}
	a.Resolved, a.Revision = t0, 10
	p.Alarm(a)
	if len(o.retained) != 0 {
		t.Errorf("still there: %v", o.retained)
	}
}

func TestTheSchemaNamesEveryTypeAndSeverityOfAlarms(t *testing.T) {
	t.Parallel()
	var types, severities []string
	for _, k := range alarms.Types() {
		types = append(types, string(k.Type))
	}
	for _, s := range alarms.Severities() {
		severities = append(severities, string(s))
	}
	for field, want := range map[string][]string{"Type": types, "Severity": severities} {
		f, _ := reflect.TypeFor[feed.Alarm]().FieldByName(field)
		if got := f.Tag.Get("enum"); got != strings.Join(want, ",") {
			t.Errorf("%s: the schema says %s, the table %s", field, got, strings.Join(want, ","))
		}
	}
}
