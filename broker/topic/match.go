package topic

// Match reports whether a valid filter matches a valid name.
func Match(filter, name string) bool {
	if system(name) && leadingWildcard(filter) {
		return false // MQTT-4.7.2-1
	}
	for {
		f, frest, fmore := cut(filter)
		if f == "#" {
			return true
		}
		n, nrest, nmore := cut(name)
		if f != "+" && f != n {
			return false
		}
		switch {
		case fmore && nmore:
			filter, name = frest, nrest
		case fmore:
			return frest == "#" // it matches the level above it, too
		default:
			return !nmore
		}
	}
}

// Covers reports whether wide matches every name that narrow matches. Both are
// valid filters.
func Covers(wide, narrow string) bool {
	if system(narrow) && leadingWildcard(wide) {
		return false
	}
	narrow = explicit(narrow)
	for {
		w, wrest, wmore := cut(wide)
		if w == "#" {
			return true
		}
		n, nrest, nmore := cut(narrow)
		if n == "#" || w != "+" && w != n {
			return false
		}
		switch {
		case wmore && nmore:
			wide, narrow = wrest, nrest
		case wmore:
			return wrest == "#"
		default:
			return !nmore
		}
	}
}

// Overlaps reports whether there is a name that both filters match. Both are
// valid.
func Overlaps(a, b string) bool {
	if system(a) && leadingWildcard(b) || system(b) && leadingWildcard(a) {
		return false
	}
	a, b = explicit(a), explicit(b)
	for {
		x, xrest, xmore := cut(a)
		y, yrest, ymore := cut(b)
		if x == "#" || y == "#" {
			return true
		}
		if x != "+" && y != "+" && x != y {
			return false
		}
		switch {
		case xmore && ymore:
			a, b = xrest, yrest
		case xmore:
			return xrest == "#"
		case ymore:
			return yrest == "#"
		default:
			return true
		}
	}
}

// explicit gives another form of a filter that matches the same names. "#" does
// not need the level above it where that would be no name at all (MQTT-4.7.3-1).
func explicit(filter string) string {
	switch filter {
	case "#":
		return "+/#"
	case "/#":
		return "/+/#"
	}
	return filter
}

// system reports a name that leading wildcards do not match.
func system(s string) bool { return s != "" && s[0] == '$' }

// leadingWildcard reports a filter whose first level is a wildcard.
func leadingWildcard(s string) bool { return s != "" && (s[0] == '+' || s[0] == '#') }
