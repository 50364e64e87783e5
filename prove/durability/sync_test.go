package durability

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// question is what a client asked, and the answer that may leave only when what
// was asked is durable.
type question struct {
	kind   mqtt.Type
	asked  string // is in what the broker reads
	answer string // all that the broker writes
}

// early counts the answers that left before a sync that began after a write to a
// file, which began after the question was read.
func early(t *testing.T, calls []*call, dir string, questions []question) (early map[mqtt.Type]int) {
	t.Helper()
	early = map[mqtt.Type]int{}
	last := -1 // the beginning of the last answer: questions are asked one by one
	find := func(what string, is func(c *call) bool) *call {
		i := slices.IndexFunc(calls, is)
		if i < 0 {
			t.Fatalf("the trace does not have %s", what)
		}
		return calls[i]
	}
	for _, q := range questions {
		asked := find(fmt.Sprintf("a read of %q", q.asked), func(c *call) bool {
			return c.name == "read" && c.ended > last && strings.Contains(c.data, q.asked)
		})
		answer := find(fmt.Sprintf("an answer %x", q.answer), func(c *call) bool {
			return c.name != "read" && c.begun > last && c.data == q.answer && strings.HasPrefix(c.file, "socket:")
		})
		last = answer.begun
		if !kept(calls, dir, asked.ended, answer.begun) {
			early[q.kind]++
		}
	}
	return early
}

// kept says whether between two instants something was written to a file in dir,
// and a sync of that file began after it and ended.
func kept(calls []*call, dir string, after, before int) bool {
	written := map[string]int{} // by file: the end of the first write
	for _, c := range calls {
		if c.begun < after || c.begun > before || !strings.HasPrefix(c.file, dir) {
			continue
		}
		end, dirty := written[c.file]
		switch {
		case c.syncs() && dirty && c.begun > end && c.ended < before:
			return true
		case strings.Contains(c.name, "write") && !dirty:
			written[c.file] = c.ended
		}
	}
	return false
}

// ask has every kind of question asked n times, one by one.
func ask(t *testing.T, s *server, n int) (questions []question) {
	t.Helper()
	subscribe(t, s.Addr, "absent", 2, "t")
	c, err := dial(s.Addr, "asks", mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	one := func(kind mqtt.Type, id uint16, asked string, codes ...byte) {
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Expect(kind); err != nil {
			t.Fatal(err)
		}
		answer := append([]byte{byte(kind) << 4, byte(2 + len(codes)), byte(id >> 8), byte(id)}, codes...)
		questions = append(questions, question{kind, asked, string(answer)})
	}
	for i := range n {
		id := uint16(i + 1)
		payload := fmt.Sprintf("once %d.", i)
		c.Publish(mqtt.Publish{Topic: []byte("t"), Payload: []byte(payload), QoS: 1, ID: id})
		one(mqtt.PUBACK, id, payload)
		payload = fmt.Sprintf("exactly %d.", i)
		c.Publish(mqtt.Publish{Topic: []byte("t"), Payload: []byte(payload), QoS: 2, ID: id})
		one(mqtt.PUBREC, id, payload)
		c.Ack(mqtt.PUBREL, id)
		one(mqtt.PUBCOMP, id, string([]byte{0x62, 2, byte(id >> 8), byte(id)}))
		filter := fmt.Sprintf("f/%d.", i%900)
		c.Subscribe(id, byte(i/900%2), filter)
		one(mqtt.SUBACK, id, filter, byte(i/900%2))
		questions = append(questions, askWelcome(t, s, i))
	}
	return questions
}

// askWelcome connects a new persistent client that has a will.
func askWelcome(t *testing.T, s *server, i int) question {
	t.Helper()
	name := fmt.Sprintf("mortal %d.", i)
	c, err := dialWith(s.Addr, mqtt.Connect{ClientID: name, Persistent: true, Will: &mqtt.Will{Topic: "w", Payload: []byte("gone"), QoS: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return question{mqtt.CONNACK, name, "\x20\x02\x00\x00"}
}

// measureEarly runs a traced broker and counts its early answers.
func measureEarly(t *testing.T, l launch, n int) map[mqtt.Type]int {
	t.Helper()
	var r record
	l.before, r = recorded(t)
	l.dir = t.TempDir()
	s := run(t, l)
	questions := ask(t, s, n)
	s.Kill()
	calls, _ := r.read(t)
	return early(t, calls, l.dir, questions)
}

func TestAcknowledgementsLeaveOnlyAfterTheSyncThatCoversThem(t *testing.T) {
	t.Parallel()
	n := prove.Size(100, 1000)
	found := measureEarly(t, launch{}, n)
	for kind, count := range found {
		t.Errorf("%d of %d %s left before the sync", count, n, kind)
	}
	prove.Record(t, "PUBACK, PUBREC, PUBCOMP, and SUBACK and CONNACK of a persistent session, leave only after the covering fdatasync returned",
		fmt.Sprintf("0 of %d early, each", n), fmt.Sprintf("early: PUBACK %d, PUBREC %d, PUBCOMP %d, SUBACK %d, CONNACK %d",
			found[mqtt.PUBACK], found[mqtt.PUBREC], found[mqtt.PUBCOMP], found[mqtt.SUBACK], found[mqtt.CONNACK]))
}
