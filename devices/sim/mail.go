package sim

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"gatehouse/devices/wire"
)

// retryAfter is how long a message waits whose acknowledgement did not come while
// the connection stands.
const retryAfter = time.Second

// mail is a device's way out. Of the kept messages of a channel one at a time is
// with the link, so that a slow channel holds up no other and order is kept.
type mail struct {
	link   Link                  // nil: no connection
	handed map[wire.Channel]bool // the oldest kept message of the channel is with a link
}

// send publishes what only matters now; without a connection it is dropped.
func (d *Device) send(c wire.Channel, payload any, qos byte, retain bool) {
	if d.mail.link == nil {
		return
	}
	d.mail.link.Publish(Message{c, wire.Topic(d.id.Site, d.id.ID, c), encode(payload), qos, retain}, nil)
}

// keep publishes what must arrive, however long it takes.
func (d *Device) keep(m Message) {
	d.memory.Kept = append(d.memory.Kept, m)
	d.remembered()
	d.flush()
}

// flush hands the oldest kept message of each channel to the link.
func (d *Device) flush() {
	if d.mail.link == nil {
		return
	}
	for _, m := range d.memory.Kept {
		if d.mail.handed[m.Channel] {
			continue
		}
		d.mail.handed[m.Channel] = true
		d.mail.link.Publish(m, func(err error) {
			d.post(func() { d.acknowledged(m.Channel, err) })
		})
	}
}

// acknowledged ends the stay of a channel's oldest message with a link.
func (d *Device) acknowledged(c wire.Channel, err error) {
	d.mail.handed[c] = false
	if err != nil {
		d.log.Debug("kept message will be sent again", "channel", c, "err", err)
		time.AfterFunc(retryAfter, func() { d.post(d.flush) })
		return
	}
	oldest := slices.IndexFunc(d.memory.Kept, func(m Message) bool { return m.Channel == c })
	d.memory.Kept = slices.Delete(d.memory.Kept, oldest, oldest+1)
	d.remembered()
	d.flush()
}

// emit says an event, once.
func (d *Device) emit(e wire.EventPayload) {
	d.memory.EventSeq++
	e.Seq, e.At = d.memory.EventSeq, d.now()
	d.keep(Message{
		Channel: wire.Event,
		Topic:   wire.Topic(d.id.Site, d.id.ID, wire.Event),
		Payload: encode(e),
		QoS:     1,
	})
}

// charge says a billing event.
func (d *Device) charge(b wire.BillingPayload) {
	d.memory.BillingSeq++
	b.Seq, b.At = d.memory.BillingSeq, d.now()
	d.memory.Billing = &b
	d.bill(b)
}

func (d *Device) bill(b wire.BillingPayload) {
	d.keep(Message{
		Channel: wire.Billing,
		Topic:   wire.Topic(d.id.Site, d.id.ID, wire.Billing),
		Payload: encode(b),
		QoS:     2,
	})
}

// newID makes an event id that no other device ever makes.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
