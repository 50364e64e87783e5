package configs

import (
	"fmt"
	"strings"
)

// Error is everything that is wrong with a configuration.
type Error struct {
	Problems []Problem
}

// Problem is one thing that is wrong.
type Problem struct {
	Key   string // for example http.listen
	From  string // the file, the variable or the flag that said so; empty: the default
	Value string // as given; a secret is not shown
	Want  string // what would be right
}

// Error implements error: one line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return "configuration: " + strings.Join(lines, "; ")
}

// String is the problem in words.
func (p Problem) String() string {
	from := ""
	if p.From != "" {
		from = " (" + p.From + ")"
	}
	if p.Value == "" {
		return fmt.Sprintf("%s%s: %s", p.Key, from, p.Want)
	}
	return fmt.Sprintf("%s = %q%s: %s", p.Key, p.Value, from, p.Want)
}
