package edge

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/property"
)

// siege guesses the password of one account from many addresses.
type siege struct {
	base, name     string
	made, judged   atomic.Int64
	waits, unknown atomic.Int64
}

// lay guesses again and again from addresses of its own until it is stopped.
func (s *siege) lay(t *testing.T, addresses, perSecond int) (lift func()) {
	t.Helper()
	end := make(chan struct{})
	var guessing sync.WaitGroup
	for k := range addresses {
		c := at(net.IPv4(127, 0, 1, byte(k+1)))
		guessing.Go(func() {
			tick := time.NewTicker(time.Duration(addresses) * time.Second / time.Duration(perSecond))
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-end:
					return
				case <-tick.C:
				}
				status, _, body := tries(t, c, s.base, s.name, fmt.Sprintf("password of a list %d %d", k, n), "")
				s.made.Add(1)
				switch status {
				case http.StatusUnauthorized:
					s.judged.Add(1)
				case http.StatusTooManyRequests:
					s.waits.Add(1)
				default:
					s.unknown.Add(1)
					t.Errorf("a guess is answered with %d %s", status, body)
				}
			}
		})
	}
	return sync.OnceFunc(func() { close(end); guessing.Wait() })
}

// fewGuesses is how many guesses at one account may be judged, at the size of the test.
func fewGuesses() int64 { return int64(prove.Size(20, 100)) }

// Guessing at one account is slow from however many addresses, and never keeps its owner out where they
// signed in before (OWASP ASVS 5.0 6.1.1, 6.3.1).
func TestManyGuessesAreFewAndKeepNobodyOut(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	h.Person("chen", "guard", own)
	home := nobody(t)
	out, slowest := 0, time.Duration(0)
	enters := func() {
		began := time.Now()
		if status, _, body := tries(t, home, api(h), "chen", own, ""); status != http.StatusOK {
			out++
			t.Errorf("the owner is kept out: %d %s", status, body)
		}
		slowest = max(slowest, time.Since(began))
	}
	enters()
	s := &siege{base: api(h), name: "chen"}
	lift := s.lay(t, 50, prove.Size(50, 10))
	defer lift()
	span, began, visits := time.Duration(prove.Size(3, 300))*time.Second, time.Now(), 0
	tick := time.NewTicker(span / 20)
	defer tick.Stop()
	for time.Since(began) < span {
		<-tick.C
		enters()
		visits++
	}
	lift()
	if most := fewGuesses(); s.judged.Load() > most || s.waits.Load() == 0 {
		t.Errorf("%d of %d guesses were judged, want %d at most", s.judged.Load(), s.made.Load(), most)
	}
	if prove.Full() && s.made.Load() < 1000 {
		t.Errorf("only %d guesses were made", s.made.Load())
	}
	h.Healthy()
	prove.Record(t, "guesses from 50 addresses at one account, for 5 minutes", "at most 100 judged of 1,000, its owner never kept out",
		fmt.Sprintf("%d of %d judged in %s, the owner kept out %s, the slowest sign-in %s", s.judged.Load(), s.made.Load(), span, of(out, visits), short(slowest)))
}

// kind is a reason why somebody is not let in, which nobody may be told.
type kind struct {
	what  string
	name  func(i int) string
	word  string
	took  []time.Duration
	looks map[string]int // answers, without what differs by request
}

// whatever tells one request from another, and no reason.
var ofTheRequest = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9A-Za-z_-]{20,}`)

// kinds are accounts that are, that are shut, and names that are none. Each name is tried
// four times, which no throttle minds.
func kinds(t *testing.T, h *property.House, n int) []*kind {
	t.Helper()
	for i := range (n + 3) / 4 {
		for _, name := range []string{"known", "shut"} {
			var made struct{ Person struct{ ID string } }
			h.Must("POST", "/people", property.Body{"name": fmt.Sprintf("%s.%d", name, i), "role": "guard"}, 201, &made)
			if name == "shut" {
				h.Must("PATCH", "/people/"+made.Person.ID, property.Body{"disabled": true}, 200, nil)
			}
		}
	}
	named := func(name string) func(int) string {
		return func(i int) string { return fmt.Sprintf("%s.%d", name, i/4) }
	}
	const wrong = "nine small boats upstream"
	return []*kind{
		{what: "unknown name", name: named("nobody"), word: wrong},
		{what: "wrong password", name: named("known"), word: wrong},
		{what: "shut account", name: named("shut"), word: wrong},
		{what: "a name that none can be", name: func(i int) string { return fmt.Sprintf("\u202e%d\t", i/4) }, word: wrong},
	}
}

// Whoever tries a name is not told whether there is such an account, by the answer or by its time (OWASP ASVS
// 5.0 6.3.8).
func TestAnUnknownNameIsNotToldByAnswerOrTime(t *testing.T) {
	if !prove.Full() {
		t.Parallel()
	}
	h := open(t, property.Options{})
	n := prove.Size(8, 400)
	all := kinds(t, h, n)
	random := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	asked := 0
	for i := range n {
		for _, k := range random.Perm(len(all)) {
			x := all[k]
			c := at(net.IPv4(127, 0, byte(2+asked/16/250), byte(1+asked/16%250))) // few from each, which no throttle minds
			asked++
			began := time.Now()
			status, header, body := tries(t, c, api(h), x.name(i), x.word, "")
			x.took = append(x.took, time.Since(began))
			if x.looks == nil {
				x.looks = map[string]int{}
			}
			x.looks[fmt.Sprint(status, slices.Sorted(maps.Keys(header)), ofTheRequest.ReplaceAllString(body, "…"))]++
		}
	}
	h.Healthy()
	var medians []string
	p50, _, _ := quantiles(all[0].took)
	widest := time.Duration(0)
	for _, x := range all {
		median, _, _ := quantiles(x.took)
		widest = max(widest, (median - p50).Abs())
		medians = append(medians, fmt.Sprintf("%s %s", x.what, median.Round(10*time.Microsecond)))
		if !maps.Equal(x.looks, all[0].looks) || len(x.looks) != 1 {
			t.Errorf("%s is answered with %v, %s with %v", x.what, x.looks, all[0].what, all[0].looks)
		}
	}
	if prove.Full() && widest > 5*time.Millisecond {
		t.Errorf("the medians differ by %s, want 5 ms at most", widest)
	}
	prove.Record(t, "an unknown name, a wrong password and a shut account: the same answer in the same time", "one answer; medians 5 ms apart at most",
		fmt.Sprintf("%d tries of each, one answer, medians %s apart: %s", n, widest.Round(10*time.Microsecond), strings.Join(medians, ", ")))
}
