package topic

import (
	"errors"
	"strings"
	"testing"
)

func TestAPrefixSaysWhoReceivesAndTheRestWhat(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]struct {
		plain  string
		shared bool
	}{
		"a/+":                {"a/+", false},
		"$share/g/a/#":       {"a/#", true},
		"$share/g//a":        {"/a", true},
		"$share/g/$SYS/#":    {"$SYS/#", true},
		"$queue/a":           {"a", true},
		"$queue//":           {"/", true},
		"$local/#":           {"#", false},
		"$shared/g/a":        {"$shared/g/a", false},
		"x/$share/g/a":       {"x/$share/g/a", false},
		"$SYS/broker/uptime": {"$SYS/broker/uptime", false},
	} {
		if err := ValidSubscription(filter, 0); err != nil {
			t.Errorf("%q: %v", filter, err)
		}
		if plain, shared := Plain(filter); plain != want.plain || shared != want.shared {
			t.Errorf("%q: %q, %v, want %+v", filter, plain, shared, want)
		}
	}
}

func TestAPrefixNeedsItsParts(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]error{
		"$share":                              ErrShare,
		"$share/":                             ErrShare,
		"$share/g":                            ErrShare,
		"$share//a":                           ErrShare,
		"$share/g+/a":                         ErrShare,
		"$share/#/a":                          ErrShare,
		"$share/+/a":                          ErrShare,
		"$share/g/":                           ErrEmpty,
		"$share/g/a#":                         ErrHash,
		"$share/g/a+/b":                       ErrPlus,
		"$queue":                              ErrEmpty,
		"$queue/":                             ErrEmpty,
		"$queue/#/a":                          ErrHash,
		"$local":                              ErrEmpty,
		"$local/":                             ErrEmpty,
		"$share/g\x00/a":                      ErrNull,
		"$share/\xff/a":                       ErrUTF8,
		"$share/g/" + strings.Repeat("a/", 5): ErrLevels,
	} {
		if err := ValidSubscription(filter, 5); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", filter, err, want)
		}
	}
	if err := ValidSubscription("$share/g/1/2/3/4/5", 5); err != nil {
		t.Errorf("the levels of the prefix were counted: %v", err)
	}
	for filter, want := range map[string]string{"$share/g/a": "g", "$queue/a": "", "$local/a": "", "a": ""} {
		group, shared := Group(filter)
		if _, also := Plain(filter); group != want || shared != also {
			t.Errorf("%q: group %q, %v", filter, group, shared)
		}
	}
	if !Prefixed("$share") || !Prefixed("$queue/x") || Prefixed("$SYS/x") || Prefixed("share/x") {
		t.Error("Prefixed is wrong about a name")
	}
}
