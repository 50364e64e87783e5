package abuse

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// wrongProperties: those that may be there once, twice; those that a packet may
// not have; those that nobody knows; values out of range.
func wrongProperties() (list []nonsense) {
	add := func(name string, in mqtt.Type, ps mqtt.Properties) {
		if b := packetWith(in, ps); b != nil {
			list = append(list, nonsense{fmt.Sprintf("%s in %s", name, in), mqtt.V5, in != mqtt.CONNECT && in != will, b})
		}
	}
	all := []mqtt.Type{will, mqtt.CONNECT, mqtt.PUBLISH, mqtt.SUBSCRIBE, mqtt.UNSUBSCRIBE, mqtt.PUBACK, mqtt.PUBREL, mqtt.DISCONNECT}
	for _, p := range properties() {
		for _, in := range all {
			switch may := slices.Contains(p.in, in); {
			case !may:
				add(fmt.Sprintf("property %#x", p.is), in, p.ps)
			case p.is != mqtt.UserProperty:
				add(fmt.Sprintf("property %#x twice", p.is), in, slices.Concat(p.ps, p.ps))
			}
		}
	}
	for _, id := range []byte{0x00, 0x04, 0x07, 0x0a, 0x0c, 0x10, 0x14, 0x1b, 0x1d, 0x20, 0x2b, 0x7f, 0x80, 0xff} {
		for _, in := range all {
			add(fmt.Sprintf("unknown property %#x", id), in, mqtt.Properties{id, 0, 0, 0, 0})
		}
	}
	var ps mqtt.Properties
	add("Receive Maximum 0", mqtt.CONNECT, ps.Number(mqtt.ReceiveMaximum, 0))
	add("Maximum Packet Size 0", mqtt.CONNECT, ps.Number(mqtt.MaximumPacketSize, 0))
	add("authentication data without a method", mqtt.CONNECT, ps.Text(mqtt.AuthenticationData, "d"))
	add("Request Problem Information 2", mqtt.CONNECT, ps.Number(mqtt.RequestProblem, 2))
	add("Request Response Information 2", mqtt.CONNECT, ps.Number(mqtt.RequestResponse, 2))
	add("Payload Format Indicator 2", mqtt.PUBLISH, ps.Number(mqtt.PayloadFormatIndicator, 2))
	add("subscription identifier", mqtt.PUBLISH, ps.Number(mqtt.SubscriptionIdentifier, 1))
	add("alias 0", mqtt.PUBLISH, ps.Number(mqtt.TopicAlias, 0))
	add("response topic with a wildcard", mqtt.PUBLISH, ps.Text(mqtt.ResponseTopic, "a/+"))
	return list
}

func packetWith(in mqtt.Type, ps mqtt.Properties) []byte {
	switch in {
	case will:
		return mqtt.AppendConnect(nil, mqtt.Connect{Version: mqtt.V5, Will: &mqtt.Will{Topic: "w", Properties: ps}})
	case mqtt.CONNECT:
		return mqtt.AppendConnect(nil, mqtt.Connect{Version: mqtt.V5, Properties: ps})
	case mqtt.PUBLISH:
		return mqtt.AppendPublish(nil, mqtt.V5, mqtt.Publish{Topic: []byte("t"), Properties: ps})
	case mqtt.SUBSCRIBE:
		return subscribeWith(ps)
	case mqtt.UNSUBSCRIBE:
		body := append([]byte{0, 1}, byte(len(ps)))
		return mqtt.AppendFrame(nil, 0xa2, append(append(body, ps...), 0, 1, 'a'))
	case mqtt.DISCONNECT:
		return mqtt.AppendReason(nil, in, 0, 0, ps)
	}
	return mqtt.AppendReason(nil, in, 1, 0, ps)
}

func TestPropertiesThatMayNotBeThereAreRefused(t *testing.T) {
	parallel(t)
	s := release(t)
	took := refuse(t, s, wrongProperties())
	prove.Record(t, "properties that may not be there are refused", "all", fmt.Sprintf("%d of %d refused, %s", len(took), len(wrongProperties()), took))
}

func TestManyAndLongPropertiesCostLittle(t *testing.T) {
	parallel(t)
	s := release(t)
	var many mqtt.Properties
	for range 10_000 {
		many = many.User("", "")
	}
	large := strings.Repeat("x", 65_535)
	long := mqtt.Properties{}.User(large, large).User(large, large).Text(mqtt.CorrelationData, large)
	c := s.must(t, mqtt.Connect{Version: mqtt.V5})
	each := prove.Size(20, 500)
	worst, sent := time.Duration(0), 0
	for name, packet := range map[string][]byte{
		"PUBLISH with 10,000":     packetWith(mqtt.PUBLISH, many),
		"PUBLISH with long ones":  packetWith(mqtt.PUBLISH, long),
		"SUBSCRIBE with 10,000":   packetWith(mqtt.SUBSCRIBE, many),
		"PUBREL with 10,000":      packetWith(mqtt.PUBREL, many),
		"PUBACK with a long text": packetWith(mqtt.PUBACK, mqtt.Properties{}.Text(mqtt.ReasonString, large)),
	} {
		before := s.Processor()
		for range each {
			c.Raw(packet)
			if err := c.Answers(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			sent++
		}
		spent := (s.Processor() - before) / time.Duration(each)
		t.Logf("%s: %s of a processor for each", name, short(spent))
		worst = max(worst, spent)
	}
	limit(t, "processor for a packet", worst, 5*time.Millisecond)
	prove.Record(t, "many and long properties cost little", "5 ms of a processor for each packet at most", fmt.Sprintf("%s at most, %d packets", short(worst), sent))
}
