package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/devices"
	"gatehouse/devices/command"
	"gatehouse/devices/presence"
)

// Run checks every promise of devices.Store. open gives a new, empty store, and
// closes it by t.Cleanup if it has to.
func Run(t *testing.T, open func(t *testing.T) devices.Store) {
	t.Helper()
	tests := []struct {
		name string
		run  func(t *testing.T, s devices.Store)
	}{
		{"EmptyStoreIsEmpty", emptyStore},
		{"RegistryComesBackAsItWasPutIn", registryComesBack},
		{"RegistryRefusesWhatDoesNotFit", registryRefuses},
		{"SitesAndZonesAreRenamed", renamed},
		{"DeviceIsRenamedAndMovedWithinItsSite", edited},
		{"RetiredDeviceStaysAndChangesNoMore", retired},
		{"SuccessorIsMadeWithTheRetirementOrNotAtAll", succeeded},
		{"ReplacementIsInTheFireGroupOfTheOld", wiringInherited},
		{"RosterIsAddedWholeOrNotAtAll", rosterAllOrNone},
		{"NewDeviceIsNeverSeenAndUnknown", newDeviceUnknown},
		{"LinkAndStateComeBack", linkAndState},
		{"RevisionsRiseWithinASite", revisionsRise},
		{"CommandComesBackWithItsRevision", commandComesBack},
		{"SameKeyGivesTheFirstCommand", sameKey},
		{"SameKeyInParallelMakesOneCommand", sameKeyParallel},
		{"KeysAreOfOneDevice", keysPerDevice},
		{"NumbersOfCommandsAreRemembered", numbersAreRemembered},
		{"KeysOfTheNewestCommandsAreRemembered", keysAreRemembered},
		{"LadderIsSavedAndEndsTheCommand", ladderSaved},
		{"CommandsComeNewestFirst", commandsNewestFirst},
		{"CommandsAreSelectedByActionActorAndTime", commandsSelected},
		{"EventIsStoredOnce", eventOnce},
		{"EventWithOtherContentIsAConflict", eventConflict},
		{"EventsAreSelectedNewestFirst", eventsSelected},
		{"EventsOfOneMomentAreOnOnePageEach", eventsPaged},
		{"NewestEventIsTheDevicesLast", lastEvent},
		{"QuarantineKeepsTheBytes", quarantineKeeps},
		{"ConflictIsKeptOnce", conflictKeptOnce},
		{"EachWriteIsAuditedOnce", audited},
		{"TallyCountsTheSpanOfOneSite", tally},
		{"LayersComeBackUntilTheyAreReleased", layersComeBack},
		{"LayersAreAuditedWithTheirWrite", layersAreAudited},
		{"LayersAreSavedAllOrNone", layersTogether},
		{"FireReportsComeBackAsTheyWereSavedLast", firesComeBack},
		{"FireWiringComesBackWithItsDevice", fireWiringComesBack},
		{"ChangesOfStateAreKeptAndSelected", changesKept},
		{"ConfigurationsComeBackByRevision", configsComeBack},
		{"SuccessorBeginsWithTheConfigurationOfTheOld", configsInherited},
		{"BatchComesBackAndItsKeyIsUsedOnce", batchComesBack},
		{"SpansComeBackWithTheirLink", spansComeBack},
		{"SpansAreChosenByTime", spansChosen},
		{"LinksAreSavedAllOrNone", linksTogether},
		{"RetirementEndsTheSpan", retirementEndsSpan},
		{"RunsAreKeptUntilTheyAreForgotten", runsKept},
		{"MissingRowsAreNotFound", missingRows},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// t0 is when everything happens; stores keep at least milliseconds.
var t0 = time.Date(2026, 3, 1, 8, 30, 0, 123e6, time.UTC)

var guard = devices.Actor{Kind: devices.ActorOperator, ID: "op-1", Name: "王芳", Address: "192.0.2.7"}

// equal compares, and treats a nil and an empty list or map as the same.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0)); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, d)
	}
}

func must[T any](t *testing.T) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code devices.Code) {
	t.Helper()
	if got := devices.CodeOf(err); got != code {
		t.Errorf("error is %q (%v), want code %q", got, err, code)
	}
}

func audit(verb, object string) devices.AuditEntry {
	return devices.AuditEntry{
		At: t0, Actor: guard, Verb: verb, Site: "s1", Object: object,
		Detail: `{"reason":"访客"}`, Outcome: devices.OutcomeOK,
	}
}

// property puts two sites, three zones and three devices into s.
func property(t *testing.T, s devices.Store) {
	t.Helper()
	ctx := context.Background()
	ok(t, s.AddSite(ctx, devices.Site{ID: "s1", Name: "翠湖花园", TimeZone: "Asia/Shanghai"}, audit("site.create", "site:s1")))
	ok(t, s.AddSite(ctx, devices.Site{ID: "s2", Name: "Harbour Court", TimeZone: "Europe/London"}, audit("site.create", "site:s2")))
	for _, z := range zones {
		ok(t, s.AddZone(ctx, z, audit("zone.create", "zone:"+string(z.ID))))
	}
	for _, d := range registered {
		must[devices.Revision](t)(s.AddDevice(ctx, d, audit("device.create", "device:"+string(d.ID))))
	}
}

var zones = []devices.Zone{
	{ID: "z1", Site: "s1", Name: "东门"},
	{ID: "z2", Site: "s1", Name: "Garage"},
	{ID: "z3", Site: "s2", Name: "Gate house"},
}

var registered = []devices.Device{
	{ID: "g1", Site: "s1", Zone: "z1", Kind: devices.Gate, Name: "东门道闸", Created: t0},
	{ID: "t1", Site: "s1", Zone: "z2", Kind: devices.Turnstile, Name: "Lane 1", Created: t0},
	{ID: "c1", Site: "s2", Zone: "z3", Kind: devices.Camera, Name: "Camera", Created: t0},
}

func live(t *testing.T, s devices.Store, id devices.DeviceID) devices.Live {
	t.Helper()
	for _, l := range must[[]devices.Live](t)(s.Devices(context.Background())) {
		if l.Device.ID == id {
			return l
		}
	}
	t.Fatalf("device %s is not there", id)
	return devices.Live{}
}

func order(id, key string, d devices.Device) devices.Command {
	return devices.Command{
		ID: devices.CommandID(id), Device: d.ID, Site: d.Site, Zone: d.Zone, Key: key,
		Seq:    t0.UnixMilli() + int64(id[len(id)-1]), // as many as there are ids
		Action: devices.ActionOpen, Args: map[string]string{"pulse": "1"}, Reason: "delivery",
		Actor: guard, Issued: t0, TTL: 5 * time.Second,
		Ladder: command.Ladder{Rungs: []command.Rung{{Step: command.Accepted, At: t0}}},
	}
}

func emptyStore(t *testing.T, s devices.Store) {
	ctx := context.Background()
	equal(t, "sites", len(must[[]devices.Site](t)(s.Sites(ctx))), 0)
	equal(t, "zones", len(must[[]devices.Zone](t)(s.Zones(ctx))), 0)
	equal(t, "devices", len(must[[]devices.Live](t)(s.Devices(ctx))), 0)
	equal(t, "open commands", len(must[[]devices.Command](t)(s.OpenCommands(ctx))), 0)
	equal(t, "events", len(must[[]devices.Event](t)(s.Events(ctx, devices.EventQuery{}))), 0)
	equal(t, "quarantine", len(must[[]devices.Quarantined](t)(s.Quarantined(ctx, 0))), 0)
	equal(t, "audit", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), 0)
}

func registryComesBack(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	sites := must[[]devices.Site](t)(s.Sites(ctx))
	if len(sites) != 2 {
		t.Fatalf("%d sites, want 2", len(sites))
	}
	byID := map[devices.SiteID]devices.Site{}
	for _, site := range sites {
		byID[site.ID] = site
	}
	equal(t, "name", byID["s1"].Name, "翠湖花园")
	equal(t, "time zone", byID["s2"].TimeZone, "Europe/London")
	found := map[devices.ZoneID]devices.Zone{}
	for _, z := range must[[]devices.Zone](t)(s.Zones(ctx)) {
		found[z.ID] = z
	}
	equal(t, "zones", found, map[devices.ZoneID]devices.Zone{"z1": zones[0], "z2": zones[1], "z3": zones[2]})
	for _, d := range registered {
		equal(t, "device", live(t, s, d.ID).Device, d)
	}
}

func registryRefuses(t *testing.T, s devices.Store) {
	ctx := context.Background()
	property(t, s)
	before := len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0)))
	wantCode(t, s.AddSite(ctx, devices.Site{ID: "s1", Name: "again", TimeZone: "UTC"}, audit("site.create", "site:s1")), devices.Conflict)
	wantCode(t, s.AddZone(ctx, devices.Zone{ID: "z9", Site: "none", Name: "x"}, audit("zone.create", "zone:z9")), devices.NotFound)
	wantCode(t, s.AddZone(ctx, devices.Zone{ID: "z1", Site: "s1", Name: "x"}, audit("zone.create", "zone:z1")), devices.Conflict)
	d := registered[0]
	_, err := s.AddDevice(ctx, d, audit("device.create", "device:g1"))
	wantCode(t, err, devices.Conflict)
	d.ID, d.Zone = "g9", "none"
	_, err = s.AddDevice(ctx, d, audit("device.create", "device:g9"))
	wantCode(t, err, devices.NotFound)
	d.Zone = "z3" // of the other site
	_, err = s.AddDevice(ctx, d, audit("device.create", "device:g9"))
	wantCode(t, err, devices.NotFound)
	equal(t, "audit rows", len(must[[]devices.AuditRow](t)(s.Audit(ctx, 0, 0))), before)
}

func newDeviceUnknown(t *testing.T, s devices.Store) {
	property(t, s)
	l := live(t, s, "g1")
	equal(t, "link", l.Link, presence.Link{Status: presence.NeverSeen})
	equal(t, "state", l.State, devices.State{Physical: devices.Unknown})
	if l.Last != nil {
		t.Errorf("a new device has an event: %+v", l.Last)
	}
}
