package property

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// meter is a device that sends billing events until each is acknowledged. Its own
// count is the truth: event n has the id b-n and the amount n.
type meter struct {
	Device
	version mqtt.Version
	random  *rand.Rand
	address func() string
	goal    int
	sent    *atomic.Int64 // of all meters: events that were begun

	out      *flow.Sender
	reboots  int // times that it lost its memory of MQTT, but not its events
	repeated int // events that it said again because of that
	losses   int // connections that ended
}

// run sends until all are acknowledged. It ends with a fault of the broker's only.
func (m *meter) run(stop time.Time) error {
	m.out = m.sender(0)
	for m.out.Begun < m.goal || len(m.out.Open) > 0 {
		if time.Now().After(stop) {
			return fmt.Errorf("%s: %d of %d events are acknowledged", m.Name, len(m.out.Acked), m.goal)
		}
		err := m.connection()
		var f *flow.Fault
		if errors.As(err, &f) {
			return err
		}
		if err != nil {
			m.losses++
			<-time.After(time.Duration(10+m.random.IntN(40)) * time.Millisecond) // the pause of a device, nothing is awaited
		}
	}
	return nil
}

// connection is one connection, until it fails, the meter reboots, or all is done.
func (m *meter) connection() error {
	boots := m.random.IntN(4) == 0
	c, err := m.Connect(m.address(), m.version, !boots)
	if err != nil {
		return err
	}
	defer c.Cut()
	if boots || !c.Session {
		m.forget()
	}
	until := m.out.Begun + 1 + m.random.IntN(80)
	return m.out.Run(c, func() bool {
		if m.out.Begun == until && m.out.Begun < m.goal {
			c.Cut() // the power of the device is cut: what is open stays so
		}
		m.sent.Add(1)
		return m.out.Begun < m.goal
	})
}

// forget has it lose all that MQTT knew. It says again what was not complete, and
// some that were: the note of their end had not reached its disk.
func (m *meter) forget() {
	first := m.out.Begun
	for _, f := range m.out.Open {
		first = min(first, f.Number)
	}
	if m.reboots++; first > 0 {
		first -= m.random.IntN(min(first, 5))
	}
	m.repeated += m.out.Begun - first
	acked := m.out.Acked
	m.out = m.sender(first)
	m.out.Acked = acked
}

func (m *meter) sender(first int) *flow.Sender {
	out := flow.NewSender(m.Topic("billing"), 2, 5)
	out.Begun = first
	out.Words = func(n int) string { return billed(n+1, int64(n+1)) }
	return out
}

// billed is a billing event.
func billed(n int, amount int64) string {
	return fmt.Sprintf(`{"id":"b-%d","seq":%d,"at":1767225600000,"amount":%d,"currency":"CNY","for":"停车 parking"}`, n, n, amount)
}

// agrees compares the ledger with what the meter knows.
func (m *meter) agrees(t *testing.T, h *House) {
	t.Helper()
	l, sum := h.ledger(t, m.ID), int64(m.goal)*int64(m.goal+1)/2
	if l.Rows != m.goal || len(l.Totals) != 1 || l.Totals[0].Amount != sum {
		t.Errorf("%s: %d events of %d in all, the ledger has %d rows, %v", m.Name, m.goal, sum, l.Rows, l.Totals)
	}
	numbers := make([]int, 0, m.goal)
	for n := range m.out.Acked {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	if len(numbers) != m.goal || numbers[0] != 0 || numbers[m.goal-1] != m.goal-1 {
		t.Errorf("%s: %d events are acknowledged, want %d", m.Name, len(numbers), m.goal)
	}
}
