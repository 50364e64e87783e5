package devices

import "time"

// clockSlack is by how much a clock that went wrong may be set back without ending what was made by it.
const clockSlack = time.Hour

// InTime is whether something that ends then, and was made to last so long at most, has not ended. What was made
// while the clock was far ahead does not live until the clock is there again, and what has lost its end is over.
func InTime(ends, now time.Time, longest time.Duration) bool {
	left := ends.Sub(now)
	return left > 0 && left <= longest+clockSlack
}
