package credentials

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"gatehouse/devices"
)

// The bounds of an integrator's time. Without another wish it is a year.
const (
	LongestIntegrator  = 366 * 24 * time.Hour
	usualIntegrator    = 365 * 24 * time.Hour
	shortestIntegrator = time.Minute
)

// NewIntegrator is what somebody wants of a foreign program that reads feeds.
type NewIntegrator struct {
	Name  string
	Sites []devices.SiteID // whose feeds it reads
	Feeds []string         // kinds of feeds that it reads, see Deps.Feeds; none: all
	Ends  time.Time        // zero: in a year
}

// Over is whether its time is over. Devices have no end.
func (c Credential) Over(now time.Time) bool {
	return c.Holder != ForDevice && !devices.InTime(c.Ends, now, LongestIntegrator)
}

// IssueIntegrator makes a credential that reads feeds. Invalid names Field name, sites, feeds or
// expires.
func (s *Service) IssueIntegrator(ctx context.Context, by devices.Actor, n NewIntegrator) (Issued, Credential, error) {
	c, err := s.draft(ctx, n)
	if err != nil {
		return Issued{}, Credential{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Issued{}, Credential{}, &devices.Error{Op: "credential.issue", Code: devices.Internal, Message: "no id could be made", Err: err}
	}
	c.Username = id.String()
	password, hash := newSecret()
	c.SecretHash = hash
	s.edit.Lock()
	defer s.edit.Unlock()
	if err := s.put(ctx, c, s.audit(by, "credential.issue", c)); err != nil {
		return Issued{}, Credential{}, err
	}
	return Issued{Username: c.Username, Password: password}, s.shown(c), nil
}

// RotateIntegrator gives an integrator another secret and another end, zero: in a year. What the old
// secret let in is not Valid any more when this returns. NotFound, Invalid (Field expires).
func (s *Service) RotateIntegrator(ctx context.Context, by devices.Actor, username string, ends time.Time) (Issued, Credential, error) {
	const op = "credential.rotate"
	ends, err := s.checkEnd(ends)
	if err != nil {
		return Issued{}, Credential{}, err
	}
	s.edit.Lock()
	defer s.edit.Unlock()
	c, err := s.d.Store.Credential(ctx, username)
	if err != nil {
		return Issued{}, Credential{}, fmt.Errorf("%s: %w", op, err)
	}
	if c.Holder != ForIntegrator {
		return Issued{}, Credential{}, &devices.Error{Op: op, Code: devices.NotFound, Message: "there is no integrator of this user name"}
	}
	c.LastUsed = s.used.last(username, Use{At: c.LastUsed}).At
	password, hash := newSecret()
	c.SecretHash, c.Ends = hash, ends
	if err := s.put(ctx, c, s.audit(by, op, c)); err != nil {
		return Issued{}, Credential{}, err
	}
	return Issued{Username: c.Username, Password: password}, s.shown(c), nil
}

// draft is an integrator without what lets anybody in.
func (s *Service) draft(ctx context.Context, n NewIntegrator) (Credential, error) {
	name := strings.TrimSpace(n.Name)
	if length := utf8.RuneCountInString(name); length < 1 || length > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return Credential{}, invalid("name", fmt.Sprintf("must have 1 to %d characters in one line, %s", maxName, nameExample))
	}
	sites, err := s.checkSites(ctx, n.Sites)
	if err != nil {
		return Credential{}, err
	}
	for i, f := range n.Feeds {
		if !slices.Contains(s.d.Feeds, f) || slices.Contains(n.Feeds[:i], f) {
			return Credential{}, invalid("feeds", fmt.Sprintf("must be some of %v, each once; leave them out for all", s.d.Feeds))
		}
	}
	ends, err := s.checkEnd(n.Ends)
	if err != nil {
		return Credential{}, err
	}
	return Credential{Holder: ForIntegrator, Name: name, Sites: sites, Feeds: slices.Clone(n.Feeds), Ends: ends, Created: s.now()}, nil
}

// checkEnd gives the end that is meant.
func (s *Service) checkEnd(ends time.Time) (time.Time, error) {
	now := s.now()
	if ends.IsZero() {
		return now.Add(usualIntegrator), nil
	}
	ends = ends.UTC().Truncate(time.Millisecond)
	if left := ends.Sub(now); left < shortestIntegrator || left > LongestIntegrator {
		return ends, invalid("expires", "must be in the future, at most a year ahead: "+now.Add(LongestIntegrator).Format(time.RFC3339)+" at the latest; leave it out for a year")
	}
	return ends, nil
}
