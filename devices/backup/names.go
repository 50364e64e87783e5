package backup

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"time"
)

// Backup is one that was made.
type Backup struct {
	Name      string // of the file
	Made      time.Time
	Size      int64 // bytes
	Encrypted bool
	sum       string // SHA-256 of the file, in hex; of one that was made just now
}

const (
	plainEnd = ".tar.gz"
	agedEnd  = ".tar.gz.age"
	madeForm = "20060102-150405Z"
)

var nameForm = regexp.MustCompile(`^gatehouse-(\d{8}-\d{6}Z)(\.tar\.gz|\.tar\.gz\.age)$`)

// nameOf is the name of a backup, by which they sort as they were made.
func nameOf(made time.Time, encrypted bool) string {
	end := plainEnd
	if encrypted {
		end = agedEnd
	}
	return "gatehouse-" + made.UTC().Format(madeForm) + end
}

// named reads a name; files of others are none.
func named(name string) (b Backup, ok bool) {
	parts := nameForm.FindStringSubmatch(name)
	if parts == nil {
		return b, false
	}
	made, err := time.Parse(madeForm, parts[1])
	return Backup{Name: name, Made: made, Encrypted: parts[2] == agedEnd}, err == nil
}

// list gives those that are there, the newest first. A folder that is not there has none.
func (s *Service) list() ([]Backup, error) {
	entries, err := os.ReadDir(s.d.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder of backups cannot be read: %w", err)
	}
	var list []Backup
	for _, e := range entries {
		b, ok := named(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil {
			b.Size = info.Size()
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b Backup) int { return cmp.Or(b.Made.Compare(a.Made), cmp.Compare(b.Name, a.Name)) })
	return list, nil
}

// Clock is a time of day of the machine, in minutes from midnight.
type Clock int

// Never is no time of day.
const Never Clock = -1

// ParseClock reads a time of day such as 03:00; empty: Never.
func ParseClock(s string) (Clock, error) {
	if s == "" {
		return Never, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return Never, fmt.Errorf("%q is no time of day, for example 03:00", s)
	}
	return Clock(t.Hour()*60 + t.Minute()), nil
}

// String is the form that ParseClock reads.
func (c Clock) String() string {
	if c == Never {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60)
}

// after is the first time at which a clock of the machine shows it after an instant.
func (c Clock) after(t time.Time) time.Time {
	t = t.In(time.Local)
	at := func(day int) time.Time {
		return time.Date(t.Year(), t.Month(), day, int(c)/60, int(c)%60, 0, 0, time.Local)
	}
	if today := at(t.Day()); today.After(t) {
		return today
	}
	return at(t.Day() + 1)
}
