package access

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// What a password file may ask for.
const (
	maxIterations     = 1_000_000 // about a second
	defaultIterations = 101       // what mosquitto_passwd takes
	minSalt, maxSalt  = 8, 64     // bytes
)

// secret is what is kept of a password. It is comparable: another one is another
// password.
type secret struct {
	iterations int // of PBKDF2; 0: one SHA-512 of password and salt
	salt       string
	hash       [sha512.Size]byte
}

// newSecret hides a password.
func newSecret(password string) (secret, error) {
	var salt [12]byte
	_, _ = rand.Read(salt[:]) // never fails
	s := secret{iterations: defaultIterations, salt: string(salt[:])}
	hash, err := s.digest([]byte(password))
	s.hash = hash
	return s, err
}

// digest is the hash of a password with the salt and cost of s.
func (s *secret) digest(password []byte) (hash [sha512.Size]byte, err error) {
	if s.iterations == 0 {
		return sha512.Sum512(append(password[:len(password):len(password)], s.salt...)), nil
	}
	key, err := pbkdf2.Key(sha512.New, string(password), []byte(s.salt), s.iterations, len(hash))
	copy(hash[:], key)
	return hash, err
}

// parsePasswords reads a password file. An error is a *FileError.
func parsePasswords(file string, text []byte) (map[string]secret, error) {
	users := map[string]secret{}
	err := eachLine(file, text, func(line string) error {
		name, hash, found := strings.Cut(line, ":")
		name, hash = strings.TrimFunc(name, blank), strings.TrimFunc(hash, blank)
		switch _, twice := users[name]; {
		case !found:
			return errors.New("no colon: a line is NAME:HASH, as mosquitto_passwd writes it")
		case name == "":
			return errors.New("no name before the colon: a line is NAME:HASH")
		case twice:
			return fmt.Errorf("user %q is there for the second time: remove one of the lines", name)
		}
		s, err := parseSecret(hash)
		if err != nil {
			return fmt.Errorf("user %q: %w", name, err)
		}
		users[name] = s
		return nil
	})
	if err != nil {
		return nil, err
	}
	return users, nil
}

// parseSecret reads $6$SALT$HASH or $7$ITERATIONS$SALT$HASH, both in base 64. The
// errors do not repeat what stands there: it may be a password.
func parseSecret(text string) (s secret, err error) {
	parts := strings.Split(text, "$")
	switch {
	case len(parts) == 4 && parts[0] == "" && parts[1] == "6":
		parts = parts[2:]
	case len(parts) == 5 && parts[0] == "" && parts[1] == "7":
		s.iterations, err = strconv.Atoi(parts[2])
		if err != nil || s.iterations < 1 || s.iterations > maxIterations {
			return secret{}, fmt.Errorf("a number of iterations from 1 to %d is expected behind $7$", maxIterations)
		}
		parts = parts[3:]
	case strings.HasPrefix(text, "$argon2"):
		return secret{}, errors.New("argon2 is not known here: make the hash with mosquitto_passwd -H sha512-pbkdf2")
	default:
		return secret{}, errors.New("the password is not hashed: $6$SALT$HASH or $7$ITERATIONS$SALT$HASH is expected, as mosquitto_passwd writes it")
	}
	salt, err := base64.StdEncoding.Strict().DecodeString(parts[0])
	if err != nil || len(salt) < minSalt || len(salt) > maxSalt {
		return secret{}, fmt.Errorf("the salt has to be %d to %d bytes in base 64", minSalt, maxSalt)
	}
	hash, err := base64.StdEncoding.Strict().DecodeString(parts[1])
	if err != nil || len(hash) != len(s.hash) {
		return secret{}, fmt.Errorf("the hash has to be %d bytes in base 64", len(s.hash))
	}
	s.salt = string(salt)
	copy(s.hash[:], hash)
	return s, nil
}

// hashers is how many passwords are looked at at once: more of them would keep the
// processors from the clients that are in.
const hashers = 2

// checker looks at passwords.
type checker struct {
	turn chan struct{} // holds hashers
}

func newChecker() checker { return checker{turn: make(chan struct{}, hashers)} }

// check says whether the password is that of the user, and what is kept of it. It
// takes as long for every user, known or not: what a cheap hash saves is spent
// all the same. The error is that of ctx.
func (c checker) check(ctx context.Context, users map[string]secret, cost int, user string, password []byte) (secret, bool, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return secret{}, false, ctx.Err()
	}
	s, known := users[user]
	if !known {
		s = secret{salt: "nobody's salt"}
	}
	got, err := s.digest(password)
	if err == nil && s.iterations < cost {
		rest := secret{iterations: cost - s.iterations, salt: s.salt}
		_, err = rest.digest(password)
	}
	same := subtle.ConstantTimeCompare(got[:], s.hash[:]) == 1
	return s, known && same && err == nil, nil
}

// costOf is the largest cost of a password, in iterations.
func costOf(users map[string]secret) (cost int) {
	for _, s := range users {
		cost = max(cost, s.iterations)
	}
	return cost
}
