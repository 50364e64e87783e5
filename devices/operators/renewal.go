package operators

import "time"

// graceOfToken is how long the token counts that a proof has replaced: for the requests of the
// same browser that were on their way with it. What the proof allows it does not allow.
const graceOfToken = 5 * time.Second

// former is a token that was replaced, with its session as it was before.
type former struct {
	of      *live
	session Session
	since   time.Time
}

func (f former) counts(now time.Time) bool {
	age := now.Sub(f.since)
	return age >= 0 && age < graceOfToken
}

// carried is the session of a token, also of one that was replaced just now.
func (ls *liveSessions) carried(token [32]byte, now time.Time) *live {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if f, ok := ls.former[token]; ok && f.counts(now) {
		return f.of
	}
	return ls.byToken[token]
}

// token is the hash of the present token of a session.
func (ls *liveSessions) token(l *live) [32]byte {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return l.session.Token
}

// settled is whether the token is the session's and stays so: what the store says of it
// counts. One that is being replaced may be gone from the store already.
func (ls *liveSessions) settled(l *live, token [32]byte) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return l.session.Token == token && !l.renewing
}

// renewing begins the replacement of a session's token. False: the session is not in memory, or that is not
// its token (any more), or its token is being replaced.
func (ls *liveSessions) renewing(k SessionKey, token [32]byte) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l := ls.byKey[k]
	if l == nil || l.session.Token != token || l.renewing {
		return false
	}
	l.renewing = true
	return true
}

// renewed ends it: to is the session with its new token, or nil if that was not stored.
func (ls *liveSessions) renewed(k SessionKey, to *Session, now time.Time) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.changes++
	l := ls.byKey[k]
	if l == nil {
		return // it ended meanwhile
	}
	l.renewing = false
	l.checked = time.Time{}
	if to == nil {
		return
	}
	for token, f := range ls.former {
		if !f.counts(now) {
			delete(ls.former, token)
		}
	}
	ls.former[l.session.Token] = former{of: l, session: l.session, since: now}
	delete(ls.byToken, l.session.Token)
	ls.byToken[to.Token] = l
	l.session = *to
}
