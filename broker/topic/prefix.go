package topic

import (
	"errors"
	"fmt"
	"strings"
)

// The prefixes of filters that say more than what to match.
const (
	sharePrefix = "$share/"
	queuePrefix = "$queue/"
	localPrefix = "$local/"
)

// ErrShare says that a shared subscription has no proper name or no filter.
var ErrShare = errors.New("is not $share/{group}/{filter} with a group without /, + and #") // MQTT-4.8.2-1, MQTT-4.8.2-2

// ErrPrefixes says that a filter has one prefix behind another: nothing is
// published there.
var ErrPrefixes = errors.New("has more than one prefix")

// Prefixed reports a name or filter that begins with one of the prefixes, or
// is one: no message is published to such a name.
func Prefixed(s string) bool {
	first, _, _ := cut(s)
	return first == "$share" || first == "$queue" || first == "$local"
}

// Group gives the group of a valid filter that is shared; empty for $queue/.
func Group(filter string) (group string, shared bool) {
	if rest, ok := strings.CutPrefix(filter, sharePrefix); ok {
		group, _, _ = cut(rest)
		return group, true
	}
	return "", strings.HasPrefix(filter, queuePrefix)
}

// Plain gives what a valid filter matches: the filter without its prefix.
func Plain(filter string) (plain string, shared bool) {
	switch {
	case strings.HasPrefix(filter, sharePrefix):
		_, plain, _ = cut(filter[len(sharePrefix):])
		return plain, true
	case strings.HasPrefix(filter, queuePrefix):
		return filter[len(queuePrefix):], true
	case strings.HasPrefix(filter, localPrefix):
		return filter[len(localPrefix):], false
	}
	return filter, false
}

// ValidSubscription checks a filter as a client gives it, which may have a prefix:
//
//	$share/{group}/{filter}   of a group, one receives (MQTT 5.0, section 4.8.2)
//	$queue/{filter}           the same, with one group for each filter
//	$local/{filter}           only what is published here, not what comes from elsewhere
//
// The levels that count are those of the filter behind the prefix.
func ValidSubscription(s string, maxLevels int) error {
	if !Prefixed(s) {
		return ValidFilter(s, maxLevels)
	}
	if err := valid(s, 0); err != nil {
		return fmt.Errorf("topic filter %w", err)
	}
	if s == "$share" || strings.HasPrefix(s, sharePrefix) {
		group, _, more := cut(strings.TrimPrefix(s, sharePrefix))
		if group == "" || !more || strings.ContainsAny(group, "+#") {
			return fmt.Errorf("topic filter %w", ErrShare)
		}
	}
	plain, _ := Plain(s)
	switch {
	case plain == s: // a prefix without a filter
		return fmt.Errorf("topic filter %w", ErrEmpty)
	case Prefixed(plain):
		return fmt.Errorf("topic filter %w", ErrPrefixes)
	}
	return ValidFilter(plain, maxLevels)
}
