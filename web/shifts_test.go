package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
	"gatehouse/devices/shift"
	shifttest "gatehouse/devices/shift/storetest"
)

// noShifts are shifts in memory, at the gate that every fake knows.
func noShifts() *shift.Service { return shiftsOver(&shifttest.Memory{}) }

func shiftsOver(m shift.Store) *shift.Service {
	return shift.New(shift.Deps{Store: m, Now: func() time.Time { return noon }, Device: func(id devices.DeviceID) (devices.Device, bool) {
		return gateLive().Device, id == "d1"
	}})
}

const shiftBody = `{"devices":["d1"]}`

func guardian(method, path, body string, h *house) answer {
	h.t.Helper()
	return h.do(method, apiPrefix+path, body, as(operators.Guard))
}

func TestAGuardBeginsWritesDownAndHandsOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	guardian("GET", "/shifts/mine", "", h).is(200, `{"log":null,"people":[],"offered":[]}`)
	begun := guardian("POST", "/shifts", shiftBody, h).wants(201)
	id := begun.get("id")
	guardian("POST", "/shifts", shiftBody, h).problem(409, "shift_open")
	guardian("POST", "/shifts/"+id+"/notes", `{"device":"d1","text":"driver says the ticket was lost"}`, h).wants(201)
	guardian("POST", "/shifts/"+id+"/notes", `{"device":"d2","text":"x"}`, h).names("body.device")
	mine := guardian("GET", "/shifts/mine", "", h).wants(200)
	if !strings.Contains(mine.body, "ticket was lost") || !strings.Contains(mine.body, `"deviceName":"North in"`) {
		t.Errorf("mine is %s", mine.body)
	}
	guardian("POST", "/shifts/"+id+"/hand-over", `{"to":"nobody"}`, h).names("body.to")
	guardian("POST", "/shifts/"+id+"/hand-over", `{"counted":[{"amount":-1,"currency":"CNY"}]}`, h).names("body.counted")
	done := guardian("POST", "/shifts/"+id+"/hand-over", `{"counted":[{"amount":1250,"currency":"CNY"}],"remark":"key in the drawer"}`, h).wants(200)
	if !strings.Contains(done.body, `"differences":[{"currency":"CNY","amount":1250}]`) && !strings.Contains(done.body, `"differences":[{"amount":1250,"currency":"CNY"}]`) {
		t.Errorf("handed over %s", done.body)
	}
	guardian("POST", "/shifts/"+id+"/hand-over", `{}`, h).problem(409, "shift_over")
	offered := h.admin("GET", "/shifts/mine", "").wants(200).list("offered")
	if len(offered) != 1 {
		t.Errorf("offered %v", offered)
	}
	h.admin("POST", "/shifts/"+id+"/take-over", "").wants(201)
	h.admin("POST", "/shifts/"+id+"/take-over", "").problem(409, "shift_taken")
}

func TestAGuardSeesTheirOwnShiftsAndAManagerAll(t *testing.T) {
	t.Parallel()
	m, id := &shifttest.Memory{}, "a"
	h := newHouse(t, func(d *Deps) { d.Shifts = shiftsOver(m) })
	of := shift.Shift{ID: "a", Site: "s1", Person: shift.Person{ID: "o9", Name: "Li"}, Devices: []devices.DeviceID{"d1"}, Began: noon}
	must(t, m.Begin(context.Background(), of, devices.AuditEntry{}))
	guardian("POST", "/shifts", shiftBody, h).problem(409, "lane_taken")
	guardian("POST", "/shifts/"+id+"/notes", `{"text":"x"}`, h).problem(404, "not_found")
	guardian("GET", "/shifts/"+id, "", h).problem(404, "not_found")
	if list := guardian("GET", "/shifts", "", h).wants(200).list("shifts"); len(list) != 0 {
		t.Errorf("a guard sees %v", list)
	}
	guardian("POST", "/shifts/"+id+"/close", `{"reason":"went home"}`, h).problem(403, "forbidden")
	manager := func(method, path, body string) answer {
		return h.do(method, apiPrefix+path, body, as(operators.Manager))
	}
	manager("GET", "/shifts/"+id, "").wants(200)
	if list := manager("GET", "/shifts?state=open", "").wants(200).list("shifts"); len(list) != 1 {
		t.Errorf("a manager sees %v", list)
	}
	manager("POST", "/shifts/"+id+"/close", `{"reason":" "}`).names("body.reason")
	closed := manager("POST", "/shifts/"+id+"/close", `{"reason":"went home"}`).wants(200)
	if closed.get("how") != "closed" || closed.get("remark") != "went home" {
		t.Errorf("closed %s", closed.body)
	}
}

func TestShiftsAreAFileWithALineForEachCurrency(t *testing.T) {
	t.Parallel()
	m := &shifttest.Memory{}
	w := shifttest.NewWorld(m)
	h := newHouse(t, func(d *Deps) {
		d.Shifts = shift.New(shift.Deps{Store: m, Now: func() time.Time { return noon }})
	})
	x := shift.Shift{ID: "a", Site: "s1", Person: shift.Person{ID: "o9", Name: "=Wang"}, Devices: []devices.DeviceID{"g1"}, Began: noon}
	must(t, m.Begin(context.Background(), x, devices.AuditEntry{}))
	w.Take(t, "g1", shift.Money{Amount: 500, Currency: "CNY"})
	w.Take(t, "g1", shift.Money{Amount: 7, Currency: "AUD"})
	_, err := m.Finish(context.Background(), shift.End{Shift: "a", At: noon.Add(time.Hour), How: shift.HandedOver, Counted: []shift.Money{{Amount: 450, Currency: "CNY"}}},
		func(shift.Shift) devices.AuditEntry { return devices.AuditEntry{} })
	must(t, err)
	a := h.admin("GET", "/shifts/export", "").wants(200)
	lines := strings.Split(strings.TrimSpace(a.body), "\n")
	if len(lines) != 3 || !strings.Contains(lines[1], "AUD,7,,-7") || !strings.Contains(lines[2], "CNY,500,450,-50") {
		t.Errorf("the file is %s", a.body)
	}
	if !strings.Contains(lines[1], "'=Wang") {
		t.Errorf("a name may be a formula: %s", lines[1])
	}
	h.admin("GET", "/shifts/export?format=xlsx", "").wants(200)
}

// crowd is a store in which so many shifts are, each named by its number, the newest the greatest; most is the most that
// it was asked for at once.
type crowd struct {
	shifttest.Memory
	are, most int
}

func (c *crowd) Shifts(_ context.Context, q shift.Query) (page []shift.Shift, err error) {
	c.most = max(c.most, q.Limit)
	next := c.are
	if q.Before != "" {
		if next, err = strconv.Atoi(string(q.Before)); err != nil {
			return nil, err
		}
		next--
	}
	for ; next > 0 && len(page) < q.Limit; next-- {
		page = append(page, shift.Shift{ID: shift.ID(fmt.Sprintf("%06d", next)), Site: "s1", Person: shift.Person{ID: "o9", Name: "Li"}, Devices: []devices.DeviceID{"d1"}, Began: noon})
	}
	return page, nil
}

func TestShiftsAreSavedWholeAndInShortReadsOrNotAtAll(t *testing.T) {
	t.Parallel()
	c := &crowd{are: 5000}
	h := newHouse(t, func(d *Deps) { d.Shifts = shiftsOver(c) })
	a := h.admin("GET", "/shifts/export", "").wants(200)
	lines := strings.Split(strings.TrimSpace(a.body), "\n")
	if len(lines) != 5001 || !strings.HasPrefix(lines[1], "005000,") || !strings.HasPrefix(lines[5000], "000001,") || c.most > 1000 {
		t.Errorf("of 5000 shifts there are %d lines, %d read at once", len(lines)-1, c.most)
	}
	c.are++
	h.admin("GET", "/shifts/export", "").tooMany(5000)
}
