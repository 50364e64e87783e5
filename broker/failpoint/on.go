//go:build failpoints

package failpoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Enabled says whether this binary was built with the tag.
const Enabled = true

// plan is what the environment asks for. It belongs to the process, as its
// environment does, and exists only under the tag.
type plan struct {
	point Point
	left  atomic.Int64 // passes until the end
	bug   Bug
}

var asked = sync.OnceValue(func() *plan {
	p, err := parse(os.Getenv("GATEHOUSE_FAILPOINT"), os.Getenv("GATEHOUSE_PLANTED"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "failpoint:", err)
		os.Exit(2)
	}
	return p
})

func parse(point, bug string) (*plan, error) {
	p := &plan{bug: Bug(bug)}
	if point == "" {
		return p, nil
	}
	name, count, _ := strings.Cut(point, ":")
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("%q: want name:number", point)
	}
	p.point = Point(name)
	p.left.Store(n)
	return p, nil
}

// pass says whether the process ends here now.
func (p *plan) pass(at Point) bool { return p.point == at && p.left.Add(-1) == 0 }

// Here marks a place.
func Here(at Point) {
	if asked().pass(at) {
		fmt.Fprintln(os.Stderr, "failpoint: the end at", string(at))
		os.Exit(ExitCode)
	}
}

// Planted says whether the bug was asked for.
func Planted(b Bug) bool { return asked().bug == b }
