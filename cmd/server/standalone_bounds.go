package main

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"gatehouse/broker"
)

// bounds are the limits of the broker that runs alone, as far as they are flags.
type bounds struct {
	keepAlive, expiry, sys                    span
	receiveMaximum, packetSize, levels, alias number
}

func (b *bounds) flags(f *pflag.FlagSet) {
	b.keepAlive = span{value: -1, most: 65_535 * time.Second} // as the client asks
	b.expiry = span{value: never, most: never}
	b.sys = span{most: 24 * time.Hour}
	b.receiveMaximum = number{value: 256, least: 1, most: 65_535}
	b.packetSize = number{value: 4 << 20, least: 32, most: 268_435_460}
	b.levels = number{value: 64, least: 1, most: 65_535}
	b.alias = number{value: 16, most: 65_535}
	f.Var(&b.keepAlive, "max-keepalive", "longest `TIME` between two packets of a client that keeps alive, as 90s or in seconds; default: as the client asks")
	f.Var(&b.receiveMaximum, "receive-maximum", "`NUMBER` of QoS 1 and 2 messages that a client may have open")
	f.Var(&b.packetSize, "max-packet-size", "largest packet of a client, in `BYTES`")
	f.Var(&b.alias, "topic-alias-maximum", "`NUMBER` of topic aliases that a client may set, and is given at most; 0: none")
	f.Var(&b.expiry, "session-expiry", "longest `TIME` that a session lives without a connection, as 72h or in seconds; default: as the client asks")
	f.Var(&b.sys, "sys-interval", "`TIME` between two looks at the broker below $SYS/broker/, as 10s or in seconds; default: it shows nothing")
	f.Var(&b.levels, "max-topic-levels", "`NUMBER` of levels that a topic may have")
}

// never is how long a session lives whose client asks for no end: the largest
// number of MQTT, which stands for that.
const never = math.MaxUint32 * time.Second

// limits are those of a server that asks nothing of its clients, but for what was
// said: what they send is kept as long as there is memory for it.
func (b *bounds) limits() broker.Limits {
	return broker.Limits{
		MaxKeepAlive:             b.keepAlive.value,
		ReceiveMaximum:           uint16(b.receiveMaximum.value),
		MaxPacketSize:            uint32(b.packetSize.value),
		MaxConnectSize:           256 << 10,
		TopicAliasMaximum:        uint16(b.alias.value),
		NoTopicAliases:           b.alias.value == 0,
		MaxSessionExpiry:         b.expiry.value,
		SessionExpiry311:         b.expiry.value,
		MaxTopicLevels:           int(b.levels.value),
		MaxConnectionsPerAddress: -1,
		MaxInFlight:              60_000, MaxQueued: 10_000_000, MaxQueuedBytes: 2 << 30,
		MaxQueuedAll: 10_000_000, MaxQueuedAllBytes: 2 << 30, MaxRetainedClient: 1_000_000,
	}
}

// number is a flag with a whole number within bounds.
type number struct{ value, least, most int64 }

func (n *number) String() string { return strconv.FormatInt(n.value, 10) }
func (n *number) Type() string   { return "number" }

func (n *number) Set(text string) error {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < n.least || v > n.most {
		return fmt.Errorf("a whole number from %d to %d is expected", n.least, n.most)
	}
	n.value = v
	return nil
}

// span is a flag with a time from a second to most; a plain number means seconds.
type span struct {
	value, most time.Duration
	said        bool
}

// String is empty for what nobody has said, so that the help shows no odd number.
func (s *span) String() string {
	if !s.said {
		return ""
	}
	return s.value.String()
}
func (s *span) Type() string { return "time" }

func (s *span) Set(text string) error {
	v, err := time.ParseDuration(text)
	if seconds, e := strconv.ParseUint(text, 10, 32); e == nil {
		v, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || v < time.Second || v > s.most || v%time.Second != 0 {
		return fmt.Errorf("a time of 1 to %d seconds is expected, as whole seconds or like 90s or 72h", s.most/time.Second)
	}
	s.value, s.said = v, true
	return nil
}
