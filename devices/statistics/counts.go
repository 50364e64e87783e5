package statistics

import (
	"encoding/binary"
	"maps"
	"slices"

	"gatehouse/devices"
)

// Hours are passages by hour of the day, from 0 to 23 in the site's time zone. An
// hour that the clocks make twice is one.
type Hours [24]uint64

// Counts is what a device did in some time.
type Counts struct {
	Orders    uint64           // that ended, but for modes
	Confirmed Histogram        // from the order to its seen effect, of those that had one
	Uploads   Histogram        // how late events came
	Passages  map[string]Hours // that were granted, by direction; empty: it has none
	Denied    uint64           // passages that were not granted
}

// Merge adds all that another one has.
func (c *Counts) Merge(o Counts) {
	c.Orders += o.Orders
	c.Denied += o.Denied
	c.Confirmed.Merge(o.Confirmed)
	c.Uploads.Merge(o.Uploads)
	for direction, hours := range o.Passages {
		sum := c.Passages[direction]
		for h, n := range hours {
			sum[h] += n
		}
		c.hours(direction, sum)
	}
}

func (c *Counts) hours(direction string, h Hours) {
	if c.Passages == nil {
		c.Passages = map[string]Hours{}
	}
	c.Passages[direction] = h
}

// Passed is how many passages were granted in all.
func (c *Counts) Passed() (sum uint64) {
	for _, hours := range c.Passages {
		for _, n := range hours {
			sum += n
		}
	}
	return sum
}

// version is the first byte of what a store keeps.
const version = 1

// MarshalBinary implements encoding.BinaryMarshaler: about 100 bytes for a busy day.
func (c Counts) MarshalBinary() ([]byte, error) {
	b := []byte{version}
	b = binary.AppendUvarint(b, c.Orders)
	b = binary.AppendUvarint(b, c.Denied)
	b = c.Confirmed.append(b)
	b = c.Uploads.append(b)
	b = binary.AppendUvarint(b, uint64(len(c.Passages)))
	for _, direction := range slices.Sorted(maps.Keys(c.Passages)) {
		b = binary.AppendUvarint(b, uint64(len(direction)))
		b = append(b, direction...)
		for _, n := range c.Passages[direction] {
			b = binary.AppendUvarint(b, n)
		}
	}
	return b, nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (c *Counts) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != version {
		return errDamaged
	}
	r := &numbers{rest: data[1:]}
	*c = Counts{Orders: r.next(), Denied: r.next(), Confirmed: r.histogram(), Uploads: r.histogram()}
	for range r.next() {
		n := r.next()
		if r.err != nil || n > uint64(len(r.rest)) {
			return errDamaged
		}
		direction := string(r.rest[:n])
		r.rest = r.rest[n:]
		var hours Hours
		for h := range hours {
			hours[h] = r.next()
		}
		if r.err != nil {
			return r.err
		}
		c.hours(direction, hours)
	}
	if r.err == nil && len(r.rest) > 0 {
		return errDamaged
	}
	return r.err
}

// Day is what a device did in one day of its site, YYYY-MM-DD.
type Day struct {
	Device devices.DeviceID
	Day    string
	Counts Counts
}
