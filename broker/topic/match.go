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
	if narrow == "#" {
		narrow = "+/#" // the same names: there is none without a first level
	}
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

// system reports a name that leading wildcards do not match.
func system(s string) bool { return s != "" && s[0] == '$' }

// leadingWildcard reports a filter whose first level is a wildcard.
func leadingWildcard(s string) bool { return s != "" && (s[0] == '+' || s[0] == '#') }
