package mqtttest

import (
	"testing"

	"gatehouse/broker"
)

// refusedFilter asks for what a server with rights refuses.
func refusedFilter() encounter {
	return after(func(p *peer) packet {
		return p.subscribe(nil, filter{"denied/x", 2}, filter{name(p.t, ""), 1})
	})
}

// TestMQTT5_3_9_2_1: SUBACK goes without its reason string if that has no room.
func TestMQTT5_3_9_2_1(t *testing.T) {
	t.Parallel()
	yields(t, reasonString, refusedFilter())
}

// TestMQTT5_3_9_2_2: SUBACK goes without its user properties if they have no room.
func TestMQTT5_3_9_2_2(t *testing.T) {
	t.Parallel()
	yields(t, userProperty, refusedFilter())
}

// TestMQTT5_3_9_3_1: the reasons of SUBACK stand in the order of the filters.
func TestMQTT5_3_9_3_1(t *testing.T) {
	t.Parallel()
	p := client(t, server(t), 5, name(t, "a"))
	x := p.subscribe(nil,
		filter{name(t, "/1"), 2}, filter{name(t, "/2"), 0}, filter{name(t, "/3"), 1}, filter{name(t, "/4"), 0}, filter{name(t, "/5"), 2})
	if string(x.codes) != "\x02\x00\x01\x00\x02" {
		t.Errorf("reasons % x, want 02 00 01 00 02", x.codes)
	}
	t.Run("one refused", func(t *testing.T) {
		t.Parallel()
		p := client(t, own(t, nil), 5, name(t, "a"))
		x := p.subscribe(nil, filter{name(t, "/1"), 1}, filter{"denied/x", 2}, filter{name(t, "/2"), 2})
		if string(x.codes) != "\x01\x87\x02" {
			t.Errorf("reasons % x, want 01 87 02", x.codes)
		}
	})
}

// TestMQTT5_3_9_3_2: SUBACK has only reasons that are listed for it: each way to
// refuse a filter has one. The parser refuses others.
func TestMQTT5_3_9_3_2(t *testing.T) {
	t.Parallel()
	p := client(t, own(t, func(o *broker.Options) { o.Limits.MaxFilters = 3; o.Limits.MaxTopicLevels = 4 }), 5, name(t, "a"))
	for _, c := range []struct {
		filter string
		code   byte
	}{
		{"a", 0},
		{"b", 0},
		{"denied/x", 0x87},
		{"#", 0x87}, // wider than the right
		{"1/2/3/4/5", 0x8F},
		{"c", 0},
		{"d", 0x97},
		{"a", 0},
	} {
		if x := p.subscribe(nil, filter{c.filter, 0}); x.codes[0] != c.code {
			t.Errorf("%s: reason %#x, want %#x", c.filter, x.codes[0], c.code)
		}
	}
}
