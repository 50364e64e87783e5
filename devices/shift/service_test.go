package shift_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/shift"
	"gatehouse/devices/shift/storetest"
)

func TestMemoryKeepsThePromisesOfAStore(t *testing.T) {
	t.Parallel()
	storetest.RunStoreTests(t, func(*testing.T) storetest.World { return storetest.NewWorld(&storetest.Memory{}) })
}

// post is a service over a store in memory, with a clock.
type post struct {
	*shift.Service
	world  storetest.World
	memory *storetest.Memory
	now    time.Time
}

func newPost() *post {
	p := &post{memory: &storetest.Memory{}, now: storetest.At(0)}
	p.world = storetest.NewWorld(p.memory)
	p.Service = shift.New(shift.Deps{Store: p.memory, Now: func() time.Time { return p.now }, Device: device})
	return p
}

func device(id devices.DeviceID) (devices.Device, bool) {
	known := append(storetest.Devices(), devices.Device{ID: "c1", Site: "s1", Kind: devices.Camera}, devices.Device{ID: "g9", Site: "s9", Kind: devices.Gate})
	i := slices.IndexFunc(known, func(d devices.Device) bool { return d.ID == id })
	if i < 0 {
		return devices.Device{}, false
	}
	return known[i], true
}

func guard(id string) devices.Actor {
	return devices.Actor{Kind: devices.ActorOperator, ID: id, Name: "Name of " + id}
}

var ctx = context.Background()

func (p *post) begin(t *testing.T, who string, at ...devices.DeviceID) shift.Shift {
	t.Helper()
	x, err := p.Begin(ctx, guard(who), at, "North")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// wants checks the code and the field of an error.
func wants(t *testing.T, err error, code devices.Code, field string) {
	t.Helper()
	var e *devices.Error
	errors.As(err, &e)
	if devices.CodeOf(err) != code || e != nil && e.Field != field {
		t.Errorf("error %v, want %s of %q", err, code, field)
	}
}

func TestAShiftIsOfOnePersonAtGatesOfOneSite(t *testing.T) {
	t.Parallel()
	p := newPost()
	for _, at := range [][]devices.DeviceID{{}, {"none"}, {"c1"}, {"g1", "g1"}, {"g1", "g9"}, {"g1", "g2", "g3", "g4", "g5", "g6", "g7"}} {
		_, err := p.Begin(ctx, guard("p1"), at, "")
		wants(t, err, devices.Invalid, "devices")
	}
	_, err := p.Begin(ctx, devices.Actor{Kind: devices.ActorToken, ID: "t1"}, []devices.DeviceID{"g1"}, "")
	wants(t, err, devices.Forbidden, "")
	x := p.begin(t, "p1", "g1", "g3")
	if x.Site != "s1" || x.Booth != "North" || !x.Began.Equal(storetest.At(0)) || x.Person.Name != "Name of p1" {
		t.Errorf("began %+v", x)
	}
	_, err = p.Begin(ctx, guard("p1"), []devices.DeviceID{"g2"}, "")
	wants(t, err, shift.AlreadyOn, "")
	_, err = p.Begin(ctx, guard("p2"), []devices.DeviceID{"g3"}, "")
	wants(t, err, shift.LaneTaken, "devices")
}

func TestWhatWasTakenIsCountedAndTheDrawerStandsBesideIt(t *testing.T) {
	t.Parallel()
	p := newPost()
	x := p.begin(t, "p1", "g1")
	p.world.Take(t, "g1", shift.Money{Amount: 1500, Currency: "CNY"})
	p.world.Take(t, "g1", shift.Money{Amount: 20, Currency: "HKD"})
	mine, err := p.Mine(ctx, "p1")
	if err != nil || mine == nil || mine.Counts.Rows != 2 {
		t.Fatalf("mine is %+v, %v", mine, err)
	}
	for _, m := range [][]shift.Money{{{Amount: -1, Currency: "CNY"}}, {{Amount: 1, Currency: "yuan"}}, {{Amount: 1, Currency: "CNY"}, {Amount: 2, Currency: "CNY"}}} {
		_, err := p.HandOver(ctx, guard("p1"), x.ID, shift.Handover{Counted: m})
		wants(t, err, devices.Invalid, "counted")
	}
	_, err = p.HandOver(ctx, guard("p1"), x.ID, shift.Handover{Remark: strings.Repeat("长", shift.MaxText+1)})
	wants(t, err, devices.Invalid, "remark")
	done, err := p.HandOver(ctx, guard("p1"), x.ID, shift.Handover{Counted: []shift.Money{{Amount: 1400, Currency: "CNY"}, {Amount: 5, Currency: "AUD"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := []shift.Money{{Amount: 5, Currency: "AUD"}, {Amount: -100, Currency: "CNY"}, {Amount: -20, Currency: "HKD"}}
	if got := done.Differences(); !slices.Equal(got, want) {
		t.Errorf("differences %v, want %v", got, want)
	}
	if mine, err := p.Mine(ctx, "p1"); mine != nil || err != nil {
		t.Errorf("after the hand-over: %+v, %v", mine, err)
	}
	last := p.memory.Audit[len(p.memory.Audit)-1]
	if last.Verb != "shift.hand_over" || last.Object != "shift:"+string(x.ID) || !strings.Contains(last.Detail, `"amount":1500`) {
		t.Errorf("audited %+v", last)
	}
}

func TestNobodyCountedIsNoDifference(t *testing.T) {
	t.Parallel()
	p := newPost()
	x := p.begin(t, "p1", "g1")
	p.world.Take(t, "g1", shift.Money{Amount: 1500, Currency: "CNY"})
	done, err := p.HandOver(ctx, guard("p1"), x.ID, shift.Handover{})
	if err != nil || done.Differences() != nil {
		t.Errorf("%v, %v", done.Differences(), err)
	}
}

func TestOnlyWhoIsOnDutyWritesAndHandsOver(t *testing.T) {
	t.Parallel()
	p := newPost()
	x := p.begin(t, "p1", "g1")
	_, err := p.Note(ctx, guard("p2"), x.ID, "", "hello")
	wants(t, err, devices.NotFound, "")
	_, err = p.HandOver(ctx, guard("p2"), x.ID, shift.Handover{})
	wants(t, err, devices.NotFound, "")
	_, err = p.Note(ctx, guard("p1"), x.ID, "g2", "hello")
	wants(t, err, devices.Invalid, "device")
	for _, text := range []string{"", " \n", "\x00", strings.Repeat("x", shift.MaxText+1)} {
		_, err = p.Note(ctx, guard("p1"), x.ID, "g1", text)
		wants(t, err, devices.Invalid, "text")
	}
	n, err := p.Note(ctx, guard("p1"), x.ID, "g1", " driver says the ticket was lost ")
	if err != nil || n.Text != "driver says the ticket was lost" || n.Device != "g1" {
		t.Errorf("noted %+v, %v", n, err)
	}
	last := p.memory.Audit[len(p.memory.Audit)-1]
	if last.Verb != "shift.note" || strings.Contains(last.Detail, "ticket") {
		t.Errorf("what was said stands in the trail, where it can never be erased: %+v", last)
	}
}

func TestAForgottenShiftIsEndedWithAReason(t *testing.T) {
	t.Parallel()
	p := newPost()
	x := p.begin(t, "p1", "g1")
	_, err := p.Close(ctx, guard("boss"), x.ID, " ")
	wants(t, err, devices.Invalid, "reason")
	done, err := p.Close(ctx, guard("boss"), x.ID, "went home")
	if err != nil || done.How != shift.Closed || done.By.ID != "boss" || done.Remark != "went home" {
		t.Errorf("closed %+v, %v", done, err)
	}
	_, err = p.Close(ctx, guard("boss"), x.ID, "again")
	wants(t, err, shift.Over, "")
	_, err = p.TakeOver(ctx, guard("p2"), x.ID, "")
	wants(t, err, shift.TakenAlready, "")
	p.begin(t, "p2", "g1")
}

func TestAShiftIsTakenOverOnceAndWithinADay(t *testing.T) {
	t.Parallel()
	p := newPost()
	x := p.begin(t, "p1", "g1", "g2")
	_, err := p.TakeOver(ctx, guard("p2"), x.ID, "")
	wants(t, err, shift.TakenAlready, "")
	if _, err := p.HandOver(ctx, guard("p1"), x.ID, shift.Handover{To: shift.Person{ID: "p2", Name: "Li"}}); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(24 * time.Hour)
	_, err = p.TakeOver(ctx, guard("p2"), x.ID, "")
	wants(t, err, shift.TakenAlready, "")
	p.now = p.now.Add(-time.Second)
	offered, err := p.Offered(ctx, nil)
	if err != nil || len(offered) != 1 || offered[0].To.ID != "p2" {
		t.Errorf("offered %+v, %v", offered, err)
	}
	next, err := p.TakeOver(ctx, guard("p2"), x.ID, "South")
	if err != nil || next.Took != x.ID || len(next.Devices) != 2 || next.Booth != "South" {
		t.Errorf("took over %+v, %v", next, err)
	}
	_, err = p.TakeOver(ctx, guard("p3"), x.ID, "")
	wants(t, err, shift.TakenAlready, "")
	_, err = p.TakeOver(ctx, guard("p3"), "none", "")
	wants(t, err, devices.NotFound, "")
}

func TestNothingIsDoneThatIsNotKept(t *testing.T) {
	t.Parallel()
	p := newPost()
	x := p.begin(t, "p1", "g1")
	p.memory.Fail = errors.New("disk")
	_, err := p.HandOver(ctx, guard("p1"), x.ID, shift.Handover{})
	if !errors.Is(err, p.memory.Fail) {
		t.Errorf("error %v", err)
	}
	p.memory.Fail = nil
	if mine, err := p.Mine(ctx, "p1"); mine == nil || err != nil {
		t.Errorf("the shift is gone: %v", err)
	}
}
