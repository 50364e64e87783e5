package operators

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"gatehouse/devices"
)

// The bounds of an API token.
const (
	LongestAPIToken  = 366 * 24 * time.Hour
	shortestAPIToken = time.Minute
	mostAPITokens    = 1000
	maxTokenName     = 100
)

// NewAPIToken is what somebody wants of a token.
type NewAPIToken struct {
	Name  string
	Verbs []devices.Verb
	Sites []devices.SiteID // that it is to be limited to; none: wherever its maker may
	Ends  time.Time
}

// verbsFor are the rights that a token of somebody may have: their own, but not that over
// accounts and rights: a program that leaks gives nobody more than it has.
func (t *APITokens) verbsFor(maker Operator) []devices.Verb {
	return slices.DeleteFunc(slices.Clone(t.s.GrantOf(maker).Verbs), func(v devices.Verb) bool { return v == devices.ManageAccess })
}

// Issue makes a token; text is shown once. Invalid (Field name, verbs, sites, expires), Conflict (there are too many).
func (t *APITokens) Issue(ctx context.Context, by devices.Actor, maker Operator, n NewAPIToken) (x APIToken, text string, err error) {
	const op = "token.issue"
	x, err = t.draft(maker, n)
	if err != nil {
		return APIToken{}, "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return APIToken{}, "", &devices.Error{Op: op, Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	text = newAPITokenText()
	x.ID, x.Hash = APITokenID(id.String()), hashAPIToken(text)
	t.edit.Lock()
	defer t.edit.Unlock()
	if len(t.List()) >= mostAPITokens {
		return APIToken{}, "", &devices.Error{Op: op, Code: devices.Conflict, Message: fmt.Sprintf("there are %d tokens already: revoke those that have ended", mostAPITokens)}
	}
	if err := t.store.AddAPIToken(ctx, x, t.entry(by, op, x)); err != nil {
		return APIToken{}, "", fmt.Errorf("%s: %w", op, err)
	}
	t.mu.Lock()
	t.byHash[x.Hash] = &x
	t.mu.Unlock()
	shown := x
	shown.Hash = [32]byte{}
	return shown, text, nil
}

// draft is the token without what lets anybody in.
func (t *APITokens) draft(maker Operator, n NewAPIToken) (APIToken, error) {
	name := strings.TrimSpace(n.Name)
	if err := checkLine("name", name, maxTokenName); err != nil {
		return APIToken{}, err
	}
	may := t.verbsFor(maker)
	for _, v := range n.Verbs {
		if !slices.Contains(may, v) {
			return APIToken{}, invalid("verbs", fmt.Sprintf("must be some of yours: %v", may))
		}
	}
	if len(n.Verbs) == 0 {
		return APIToken{}, invalid("verbs", "must name at least one right that the token is to have")
	}
	if err := t.checkPart(maker, n); err != nil {
		return APIToken{}, err
	}
	now, ends := t.s.now(), n.Ends.UTC().Truncate(time.Millisecond)
	if left := ends.Sub(now); left < shortestAPIToken || left > LongestAPIToken {
		return APIToken{}, invalid("expires", "must be in the future, at most a year ahead: "+now.Add(LongestAPIToken).Format(time.RFC3339)+" at the latest")
	}
	verbs := slices.DeleteFunc(may, func(v devices.Verb) bool { return !slices.Contains(n.Verbs, v) })
	return APIToken{Name: name, Maker: maker.ID, Verbs: verbs, Sites: slices.Clone(n.Sites), Created: now, Ends: ends}, nil
}

// checkPart says what is wrong with the sites that a token is to be limited to: it never reaches further than its
// maker, and has no right that is over the property as a whole.
func (t *APITokens) checkPart(maker Operator, n NewAPIToken) error {
	part := PartOf(n.Sites)
	if err := t.s.CheckScope(part); err != nil {
		return invalid("sites", "must be sites that exist, each once; leave them out for all of yours")
	}
	if !part.Limited() {
		return nil
	}
	own := maker.Scope
	own.Hours = nil // they limit the token as they limit its maker
	if !own.Covers(part) {
		return invalid("sites", "must be sites that you may reach the whole of")
	}
	for _, v := range n.Verbs {
		if slices.Contains(wholeVerbs(), v) {
			return invalid("verbs", fmt.Sprintf("must not have %s: it is over the whole property, and the token is to be limited to sites", v))
		}
	}
	return nil
}

// Check gives the token of a text, and the account of its maker as it is now; what the token may do is
// what both may. It counts as a use. Unauthenticated: it is no token, mistyped, revoked, has ended, or its
// maker's account was shut or is not finished.
func (t *APITokens) Check(ctx context.Context, text, address string) (APIToken, Operator, error) {
	if !wellFormed(text) {
		return APIToken{}, Operator{}, noToken("is no API token: gth_ and 49 letters and digits, of which the last six are a checksum that is wrong here")
	}
	h := hashAPIToken(text)
	x, ok := t.get(h)
	if !ok || !devices.InTime(x.Ends, t.s.d.Now(), LongestAPIToken) {
		return APIToken{}, Operator{}, noToken("is no API token that counts: it was revoked, or its time is over")
	}
	o, err := t.maker(ctx, x.Maker)
	if err != nil {
		return APIToken{}, Operator{}, err
	}
	if !t.finished(o) {
		return APIToken{}, Operator{}, noToken("is of somebody whose account is shut, or not finished")
	}
	if x, ok = t.use(h, clip(address, 64)); !ok { // it was revoked meanwhile
		return APIToken{}, Operator{}, noToken("is no API token that counts: it was revoked, or its time is over")
	}
	return x, o, nil
}

func noToken(why string) error {
	return &devices.Error{Op: "token.check", Code: Unauthenticated, Message: "the bearer token " + why}
}

func (t *APITokens) get(h [32]byte) (APIToken, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := t.byHash[h]; x != nil {
		return *x, true
	}
	return APIToken{}, false
}

// use notes a use.
func (t *APITokens) use(h [32]byte, address string) (APIToken, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.byHash[h]
	if x == nil {
		return APIToken{}, false
	}
	x.LastUsed, x.LastAddress = t.s.now(), address
	t.used[x.ID] = true
	shown := *x
	shown.Hash = [32]byte{}
	return shown, true
}

// finished is whether an account may do anything at all.
func (t *APITokens) finished(o Operator) bool {
	return !o.Disabled && !o.MustChange && !t.s.NeedsFactor(o)
}

// maker reads the account of a maker, at most once a second. What is in memory counts while
// the store cannot answer, as it does for sessions.
func (t *APITokens) maker(ctx context.Context, id ID) (Operator, error) {
	for {
		now := t.s.d.Now()
		t.mu.Lock()
		m, known := t.makers[id]
		reads := t.reads
		t.mu.Unlock()
		if age := now.Sub(m.checked); known && age >= 0 && age < recheckAfter {
			return m.operator, nil
		}
		o, err := t.s.d.Store.Operator(ctx, id)
		switch {
		case devices.CodeOf(err) == devices.NotFound:
			return Operator{}, noToken("is of somebody who has no account")
		case err != nil && known && ctx.Err() == nil:
			t.log.Warn("the maker of an API token could not be read again; what is in memory counts", "err", err)
			return m.operator, nil
		case err != nil:
			return Operator{}, fmt.Errorf("token.check: %w", err)
		}
		if t.learn(id, maker{o, now}, reads) {
			t.s.sessions.notice(o)
			return o, nil
		}
	}
}

// learn keeps what was read of a maker; false if an account was changed meanwhile.
func (t *APITokens) learn(id ID, m maker, reads uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reads != reads {
		return false
	}
	t.makers[id] = m
	return true
}

// forgetMaker makes the next question about somebody's tokens go to the store.
func (t *APITokens) forgetMaker(id ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reads++
	delete(t.makers, id)
}
