package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/pflag"

	"gatehouse/broker/access"
	"gatehouse/broker/certs"
)

// people are who may use the broker that runs alone, and for what.
type people struct {
	anonymous             bool
	users                 []string // NAME:PASSWORD
	passwordFile, aclFile string
}

func (p *people) flags(f *pflag.FlagSet) {
	f.BoolVar(&p.anonymous, "anonymous", false, "let clients in that show no user name; without users, any client")
	f.StringArrayVar(&p.users, "user", nil, "`NAME:PASSWORD` of a user; repeatable")
	f.StringVar(&p.passwordFile, "password-file", "", "`FILE` of users, as mosquitto_passwd writes it")
	f.StringVar(&p.aclFile, "acl", "", "access control list, a `FILE` as Mosquitto reads it; without it whoever is let in may do everything")
}

// check gives the users of the command line.
func (p *people) check(certificates bool) (users map[string]string, err error) {
	users = make(map[string]string)
	for i, u := range p.users {
		name, password, ok := strings.Cut(u, ":")
		if !ok || name == "" || password == "" {
			// What was written may be a password.
			return nil, fmt.Errorf("--user, number %d: NAME:PASSWORD is expected, neither of them empty", i+1)
		}
		if _, twice := users[name]; twice {
			return nil, fmt.Errorf("--user %s is given twice: keep one of them", name)
		}
		users[name] = password
	}
	if !p.anonymous && p.unchecked() && !certificates {
		return nil, errors.New("nobody could connect: --user, --password-file or --client-ca say who may, --anonymous lets everybody in")
	}
	return users, nil
}

// unchecked is true if there is no password to look at.
func (p *people) unchecked() bool { return len(p.users) == 0 && p.passwordFile == "" }

// open reads the files. k knows the certificates of clients; nil: they show none.
func (p *people) open(users map[string]string, k *certs.Keeper, log *slog.Logger) (*access.Access, error) {
	o := access.Options{Anonymous: p.anonymous, Users: users, PasswordFile: p.passwordFile, ACLFile: p.aclFile, Log: log}
	if k != nil {
		o.Certificate = func(s *tls.ConnectionState) (string, func() bool, error) {
			c, err := k.Client(s)
			if err != nil {
				return "", nil, err
			}
			return c.Name, c.Valid, nil
		}
	}
	return access.Open(o)
}
