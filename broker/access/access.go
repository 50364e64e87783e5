package access

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"gatehouse/broker"
	"gatehouse/broker/packet"
)

// Options say who is let in, and with which rights.
type Options struct {
	Anonymous    bool              // let clients in that show no user name
	Users        map[string]string // passwords by user name, besides those of PasswordFile
	PasswordFile string            // as mosquitto_passwd writes it; empty: none
	ACLFile      string            // access control list; empty: whoever is in may do everything
	Log          *slog.Logger

	// Certificate says which user a client is that came over TLS, by its verified
	// certificate, and gives the question whether that is still good. Whatever user
	// name and password it shows do not count then. nil: they count over TLS, too.
	Certificate func(*tls.ConnectionState) (user string, valid func() bool, err error)
}

// Access is a broker.Authorizer by files.
type Access struct {
	o     Options
	fixed map[string]secret // of Options.Users
	check checker
	now   atomic.Pointer[state]

	reading sync.Mutex // one Reload at a time; seen is its
	seen    []stamp    // how the files looked before they were last read
}

// state is what the files said when they were last good. It does not change.
type state struct {
	users map[string]secret
	cost  int // iterations that every check of a password takes
	acl   *acl
}

// Open reads the files. The error names the file, the line and what would be
// right.
func Open(o Options) (*Access, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &Access{o: o, fixed: map[string]secret{}, check: newChecker()}
	for name, password := range o.Users {
		s, err := newSecret(password)
		if err != nil {
			return nil, fmt.Errorf("user %q: %w", name, err)
		}
		a.fixed[name] = s
	}
	s, err := a.read()
	if err != nil {
		return nil, err
	}
	a.now.Store(s)
	return a, nil
}

// read makes a state of the files. Whoever calls it holds reading.
func (a *Access) read() (*state, error) {
	a.seen = a.looks() // before: what changes meanwhile is read again
	s := &state{users: a.fixed}
	if path := a.o.PasswordFile; path != "" {
		text, err := readFile(path)
		if err != nil {
			return nil, err
		}
		if s.users, err = parsePasswords(path, text); err != nil {
			return nil, err
		}
		for name, fixed := range a.fixed {
			if _, twice := s.users[name]; twice {
				return nil, fmt.Errorf("user %q is given besides %s and stands there, too: keep one of them", name, path)
			}
			s.users[name] = fixed
		}
	}
	if path := a.o.ACLFile; path != "" {
		text, err := readFile(path)
		if err != nil {
			return nil, err
		}
		if s.acl, err = parseACL(path, text); err != nil {
			return nil, err
		}
	}
	s.cost = costOf(s.users)
	return s, nil
}

// Connect implements broker.Authorizer.
func (a *Access) Connect(ctx context.Context, r broker.ConnectRequest) (broker.Grant, error) {
	s := a.now.Load()
	if a.o.Certificate != nil && r.TLS != nil {
		user, valid, err := a.o.Certificate(r.TLS)
		if err == nil && user == "" {
			err = errors.New("certificate of nobody")
		}
		if err != nil {
			return nil, &broker.Refusal{Reason: packet.NotAuthorized, Detail: err.Error()}
		}
		return a.grant(user, r.Client, valid), nil
	}
	switch {
	case a.o.Anonymous && (a.unchecked() || r.Username == ""):
		return a.grant("", r.Client, nil), nil
	case r.Username == "":
		return nil, &broker.Refusal{Reason: packet.NotAuthorized, Detail: "no user name"}
	}
	kept, ok, err := a.check.check(ctx, s.users, s.cost, r.Username, r.Password)
	switch {
	case err != nil:
		return nil, &broker.Refusal{Reason: packet.ServerBusy, Detail: "too many passwords to look at: " + err.Error()}
	case !ok:
		return nil, &broker.Refusal{Reason: packet.BadUserNameOrPassword, Detail: "wrong user name or password"}
	}
	return a.grant(r.Username, r.Client, func() bool { return a.now.Load().users[r.Username] == kept }), nil
}

// unchecked is true if there is nobody whose password could be looked at.
func (a *Access) unchecked() bool { return a.o.PasswordFile == "" && len(a.fixed) == 0 }

// MayStillPublish implements broker.Overseer: it judges by the files as they are
// now, whether or not the client is connected. A user without a password is one
// only where certificates tell users; where everybody is let in unchecked, it is
// anybody.
func (a *Access) MayStillPublish(identity string, client broker.ClientID, topic string) bool {
	s := a.now.Load()
	user := userOf(identity)
	if _, known := s.users[user]; !known && user != "" && a.o.Certificate == nil {
		if !a.o.Anonymous || !a.unchecked() {
			return false
		}
		user = ""
	}
	return s.acl == nil || s.acl.rightsOf(user, string(client)).mayPublish(topic)
}
