package mqtttest

import (
	"testing"

	"gatehouse/broker"
)

// TestMQTT5_4_7_0_1: a topic name with a wildcard closes the connection.
func TestMQTT5_4_7_0_1(t *testing.T) {
	t.Parallel()
	refusesNames(t, 5, "#", "+", "a/#", "a/+", "a/+/b", "a#", "+a", "a/b+")
}

// TestMQTT5_4_7_1_1: "#" is the whole last level of a filter, and stands for the
// level above it and all below.
func TestMQTT5_4_7_1_1(t *testing.T) {
	t.Parallel()
	hashIsLast(t, 5)
}

// TestMQTT5_4_7_1_2: "+" is a whole level of a filter, and stands for one level.
func TestMQTT5_4_7_1_2(t *testing.T) {
	t.Parallel()
	plusIsALevel(t, 5)
}

// TestMQTT5_4_7_2_1: a filter that begins with a wildcard does not match a name that
// begins with "$".
func TestMQTT5_4_7_2_1(t *testing.T) {
	t.Parallel()
	dollarIsHidden(t, 5)
}

// dollarIsHidden proves it with news and with what is retained. A foreign server is
// asked for its own names below $SYS.
func dollarIsHidden(t *testing.T, version byte) {
	t.Helper()
	if *foreign != "" {
		p := client(t, *foreign, version, name(t, "a"))
		p.listen("+/broker/version", 0)
		p.listen("+/broker/uptime", 0)
		p.silent()
		p.listen("$SYS/broker/version", 0)
		if x := p.want(PUBLISH); x.topic != "$SYS/broker/version" {
			t.Errorf("%+v", x)
		}
		return
	}
	b, address := made(t, func(o *broker.Options) { o.Authorizer = anybody{} })
	say := func(topic, payload string) {
		t.Helper()
		if err := b.Publish(t.Context(), broker.Message{Topic: topic, Payload: []byte(payload), Retain: true, QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	say("$test/x", "old")
	p := client(t, address, version, name(t, "a"))
	p.listen("$test/+", 0)
	p.message("$test/x", "old")
	q := client(t, address, version, name(t, "b"))
	for _, f := range []string{"#", "+/x", "+/#", "+/+"} {
		q.listen(f, 0)
	}
	say("$test/x", "new")
	p.message("$test/x", "new")
	say("a$/x", "1") // not at the beginning: an ordinary name
	q.want(PUBLISH)
	q.unsubscribe("#", "+/x", "+/#")
	q.silent()
}

// TestMQTT5_4_7_3_1: names and filters have at least one character.
func TestMQTT5_4_7_3_1(t *testing.T) {
	t.Parallel()
	oneCharacterIsEnough(t, 5)
}

func oneCharacterIsEnough(t *testing.T, version byte) {
	t.Helper()
	refusesNames(t, version, "")
	refusesFilters(t, version, "")
	p := client(t, server(t), version, name(t, "a"))
	p.listen("/", 0)
	p.write(publish{topic: "/", payload: name(t, "")}.encode(version))
	p.message("/", name(t, ""))
}

// TestMQTT5_4_7_3_2: names and filters have no U+0000.
func TestMQTT5_4_7_3_2(t *testing.T) {
	t.Parallel()
	refusesNames(t, 5, "\x00", "a\x00", "a/\x00/b")
	refusesFilters(t, 5, "\x00", "a\x00", "a/\x00/b", "#\x00", "+/\x00")
}

// TestMQTT5_4_7_3_3: names and filters have at most 65,535 bytes.
func TestMQTT5_4_7_3_3(t *testing.T) {
	t.Parallel()
	longestName(t, 5)
}

// TestMQTT5_4_7_3_4: names and filters are compared byte for byte, as they came.
func TestMQTT5_4_7_3_4(t *testing.T) {
	t.Parallel()
	nothingIsNormalised(t, 5)
}
