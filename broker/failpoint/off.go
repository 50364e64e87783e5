//go:build !failpoints

package failpoint

// Enabled says whether this binary was built with the tag.
const Enabled = false

// Here marks a place.
func Here(Point) {}

// Planted says whether the bug was asked for.
func Planted(Bug) bool { return false }
