package access

import (
	"context"
	"os"
	"slices"
	"time"
)

// look is how often files are looked at for a change. A changed file is read once
// it stays as it is from one look to the next: its writer may not be done.
const look = time.Second

// Clients are those who are told what has changed: a *broker.Broker.
type Clients interface {
	Identities() []string
	Recheck(identity string)
	RecheckAll()
}

// manyChanged is from how many changed identities on everybody is asked again at
// once: who asks for one looks through all connections for his.
const manyChanged = 32

// Reload reads the files again. If one of them cannot be used, everything stays as
// it is. When it returns without an error, what somebody lost is neither accepted
// from his clients nor given to them, and what he may not publish any more is not
// retained.
func (a *Access) Reload(c Clients) error {
	a.reading.Lock()
	defer a.reading.Unlock()
	next, err := a.read()
	if err != nil {
		return err
	}
	last := a.now.Swap(next)
	var concerned []string
	for _, id := range c.Identities() {
		if changed(last, next, id) {
			concerned = append(concerned, id)
		}
	}
	recheck(c, concerned)
	return nil
}

func recheck(c Clients, identities []string) {
	if len(identities) >= manyChanged {
		c.RecheckAll()
		return
	}
	for _, id := range identities {
		c.Recheck(id)
	}
}

// changed reports whether an identity may have other rights in next.
func changed(last, next *state, identity string) bool {
	user := userOf(identity)
	was, had := last.users[user]
	is, has := next.users[user]
	return had != has || was != is || rulesDiffer(last.acl, next.acl, user)
}

// rulesDiffer compares two lists, of which there are both or none.
func rulesDiffer(last, next *acl, user string) bool {
	if last == nil {
		return false
	}
	was, is := last.rulesOf(user), next.rulesOf(user)
	return !was.equal(&is) || !slices.Equal(last.patterns, next.patterns)
}

// Follow reads the files again when one of them changes, and at each signal of
// hangup, until ctx ends. A file that cannot be used is said in the log, once, and
// the last good state stays in force.
func (a *Access) Follow(ctx context.Context, hangup <-chan os.Signal, c Clients) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	last := a.lastSeen()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
		case <-tick.C:
			now := a.looks()
			settled := same(last, now)
			if last = now; !settled || same(now, a.lastSeen()) {
				continue
			}
		}
		if err := a.Reload(c); err != nil {
			a.o.Log.Error("the files of users and rights cannot be used: what they said before stays in force", "error", err)
			continue
		}
		a.o.Log.Info("the files of users and rights were read again")
	}
}

// stamp is how a file looks from outside; nil if it is not there.
type stamp = os.FileInfo

// looks gives how the files look now.
func (a *Access) looks() []stamp {
	var list []stamp
	for _, path := range []string{a.o.PasswordFile, a.o.ACLFile} {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			info = nil
		}
		list = append(list, info)
	}
	return list
}

// lastSeen gives how the files looked when they were last read.
func (a *Access) lastSeen() []stamp {
	a.reading.Lock()
	defer a.reading.Unlock()
	return a.seen
}

func same(was, is []stamp) bool {
	return slices.EqualFunc(was, is, func(a, b stamp) bool {
		if a == nil || b == nil {
			return a == nil && b == nil
		}
		return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
	})
}
