package broker

import (
	"time"

	"gatehouse/broker/packet"
)

// Two programs that were given the same client identifier and the same credential
// take its connection from each other for ever (MQTT-3.1.4-3). Each of them sees a
// line that breaks; only the broker can tell.
const (
	contestPeace = 30 * time.Second // without a take-over: it is over
	contestFrom  = 5                // take-overs: nobody who reconnects does that by himself
	contestAgain = time.Minute      // until it is said again
)

// contest counts how often the connection of a client was taken over, with less
// than contestPeace between one time and the next. It belongs to the turn.
type contest struct {
	times int
	last  time.Time
	told  time.Time
}

// contested is what is to be said of a contest.
type contested struct {
	client   ClientID
	identity string
	times    int
	was, is  string // addresses
}

// takeOver ends the session's connection, for another of the same client.
func (t *turn) takeOver(s *session, by *conn) {
	b, now := t.b, time.Now()
	b.tally.takeOvers.Add(1)
	k := b.contests[s.client]
	if k == nil {
		k = new(contest)
		b.contests[s.client] = k
		b.schedule.at(now.Add(contestPeace), func() { b.endContest(s.client, k) })
	}
	k.times++
	k.last = now
	if k.times >= contestFrom && (k.told.IsZero() || now.Sub(k.told) >= contestAgain) {
		k.told = now
		t.contested = append(t.contested, contested{s.client, s.identity, k.times, s.conn.remote, by.remote})
	}
	t.drop(s.conn, CauseTakeOver, packet.SessionTakenOver)
}

// endContest forgets a contest that is over.
func (b *Broker) endContest(client ClientID, k *contest) {
	t := b.turn()
	defer t.end()
	if over := k.last.Add(contestPeace); time.Now().Before(over) {
		b.schedule.at(over, func() { b.endContest(client, k) })
		return
	}
	delete(b.contests, client)
}

// contestsNow counts the identifiers that are fought over now. The lock is held.
func (b *Broker) contestsNow() (n int) {
	for _, k := range b.contests {
		if k.times >= contestFrom {
			n++
		}
	}
	return n
}

// takeOversOf is the count of a client's contest. The lock is held.
func (b *Broker) takeOversOf(client ClientID) int {
	if k := b.contests[client]; k != nil {
		return k.times
	}
	return 0
}

func (n *notices) contested(c contested) {
	n.warn("a client identifier is fought over: two programs use it with the same credential",
		"client", c.client, "identity", c.identity, "take-overs", c.times, "was", c.was, "is", c.is)
}
