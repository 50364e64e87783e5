package configs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes. It is written as a plain number, or with KiB, MiB
// or GiB.
type Size int64

var units = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

func parseSize(s string) (Size, error) {
	factor := int64(1)
	for _, u := range units {
		if head, ok := strings.CutSuffix(s, u.name); ok {
			s, factor = strings.TrimSpace(head), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("not a size: %q", s)
	}
	return Size(n * factor), nil
}

// String is the shortest exact form.
func (s Size) String() string {
	for _, u := range units {
		if s > 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
