package topic

import (
	"errors"
	"strings"
	"testing"
)

func TestValidNameAndFilterNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		s            string
		name, filter error
	}{
		{"a", nil, nil},
		{"/", nil, nil},
		{"a//b", nil, nil},
		{"$SYS/x", nil, nil},
		{"大门/一", nil, nil},
		{"\uFEFFa", nil, nil},
		{"a b", nil, nil},
		{"", ErrEmpty, ErrEmpty},
		{"a\x00", ErrNull, ErrNull},
		{"\xED\xA0\x80", ErrUTF8, ErrUTF8},
		{strings.Repeat("x", MaxLength), nil, nil},
		{strings.Repeat("x", MaxLength+1), ErrTooLong, ErrTooLong},
		{"a/b/c/d", nil, nil},
		{"a/b/c/d/e", ErrLevels, ErrLevels},
		{"////", ErrLevels, ErrLevels},
		{"+", ErrWildcard, nil},
		{"#", ErrWildcard, nil},
		{"/#", ErrWildcard, nil},
		{"+/+/#", ErrWildcard, nil},
		{"a/+/b", ErrWildcard, nil},
		{"a+", ErrWildcard, ErrPlus},
		{"+a/b", ErrWildcard, ErrPlus},
		{"++", ErrWildcard, ErrPlus},
		{"a/b#", ErrWildcard, ErrHash},
		{"#/a", ErrWildcard, ErrHash},
		{"a/#/", ErrWildcard, ErrHash},
		{"##", ErrWildcard, ErrHash},
	}
	for _, tt := range tests {
		shown := tt.s[:min(len(tt.s), 20)]
		if err := ValidName(tt.s, 4); !errors.Is(err, tt.name) {
			t.Errorf("name %q: %v, want %v", shown, err, tt.name)
		}
		if err := ValidFilter(tt.s, 4); !errors.Is(err, tt.filter) {
			t.Errorf("filter %q: %v, want %v", shown, err, tt.filter)
		}
	}
}

func TestNoLimitOnLevelsUnlessOneIsGiven(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("/", MaxLength)
	if err := ValidName(deep, 0); err != nil {
		t.Error(err)
	}
	if err := ValidFilter(deep, 64); !errors.Is(err, ErrLevels) {
		t.Error(err)
	}
}

func TestWordThatStandsForOneLevelMayNotStandForMore(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]error{
		"ann": nil, "gate 1": nil, "100%": nil, "a$": nil, "ворота": nil, "": ErrEmpty, "a/b": ErrSlash, "/": ErrSlash, "+": ErrWildcard,
		"a+": ErrWildcard, "#": ErrWildcard, "a#b": ErrWildcard, "a\x00": ErrNull, "\xff": ErrUTF8, "$SYS": ErrSystem, "$share": ErrSystem,
		strings.Repeat("x", MaxLength+1): ErrTooLong,
	} {
		if err := ValidLevel(s); !errors.Is(err, want) {
			t.Errorf("%.20q: %v, want %v", s, err, want)
		}
	}
}
