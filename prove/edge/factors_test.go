package edge

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/property"
)

// equipped is a person with a second factor.
type equipped struct {
	t                *testing.T
	h                *property.House
	id, name, secret string
	recovery         []string
	setUp            string // the code that took the factor into use
}

// equip makes an account and sets up its second factor.
func equip(t *testing.T, h *property.House, name string) *equipped {
	t.Helper()
	e := &equipped{t: t, h: h, name: name, id: h.Person(name, "manager", own)}
	by := h.SignInAs(name, own)
	var made struct{ Secret string }
	by.Must("POST", "/session/factor", nil, 200, &made)
	e.secret = made.Secret
	e.setUp = e.code(0)
	var got struct{ Codes []string }
	by.Must("PUT", "/session/factor", property.Body{"code": e.setUp}, 200, &got)
	if e.recovery = got.Codes; len(e.recovery) < 8 {
		t.Fatalf("%d codes stand in for the factor", len(e.recovery))
	}
	return e
}

// code is that of the program, some steps of 30 s from now.
func (e *equipped) code(steps int) string {
	e.t.Helper()
	return prove.TOTP(e.t, e.secret, time.Now().Add(time.Duration(steps)*30*time.Second))
}

// enters signs in from an address, with the right password.
func (e *equipped) enters(c *http.Client, code string) (status int, word string) {
	e.t.Helper()
	status, header, _ := tries(e.t, c, api(e.h), e.name, own, code)
	return status, tokenOf(header)
}

// A code of a second factor is good once, about its time, for its person (OWASP ASVS 5.0 6.3.3, 6.5.1, 6.5.5, 6.5.8,
// 7.5.1); so is each that stands in for it.
func TestACodeOfASecondFactorIsGoodOnce(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	j := &judge{t: t}
	chen, li := equip(t, h, "chen"), equip(t, h, "li.wei")
	home := nobody(t)
	refused := func(e *equipped, what, code string) {
		t.Helper()
		status, word := e.enters(home, code)
		j.wants(status == http.StatusUnauthorized && word == "", "%s: answered %d", what, status)
	}
	in := func(e *equipped, what, code string) (word string) {
		t.Helper()
		status, word := e.enters(home, code)
		j.wants(status == http.StatusOK && word != "", "%s: answered %d", what, status)
		return word
	}
	status, _, body := tries(t, home, api(h), "chen", own, "")
	j.wants(status == http.StatusUnauthorized || status == http.StatusForbidden, "without a code: %d %s", status, body)
	refused(chen, "the code that set the factor up", chen.setUp)
	next := chen.code(1)
	word := in(chen, "a code", next)
	refused(chen, "the same code again", next)
	refused(chen, "an earlier code after a later one", chen.code(0))
	in(chen, "a code that stands in", chen.recovery[0])
	refused(chen, "a code of ten minutes ago", chen.code(-20))
	refused(chen, "a code of ten minutes ahead", chen.code(20))
	in(chen, "a code that stands in", chen.recovery[1])
	refused(chen, "the code of somebody else", li.code(1))
	refused(chen, "one of somebody else that stands in", li.recovery[0])
	in(li, "which was not used up by that", li.recovery[0])

	b := &browser{t: t, c: home, base: api(h), name: "gatehouse", word: word}
	for what, body := range map[string]string{
		"a code that was used": fmt.Sprintf(`{"code":%q}`, next), "one that was used and stood in": fmt.Sprintf(`{"code":%q}`, chen.recovery[0]), "the password": fmt.Sprintf(`{"password":%q}`, own), "nothing": `{}`,
	} {
		status := b.status("POST", "/session/proof", body)
		j.wants(status == http.StatusUnauthorized || status == http.StatusUnprocessableEntity, "a proof by %s: %d", what, status)
	}
	for _, code := range li.recovery[1:] {
		in(li, "a code that stands in", code)
		refused(li, "which was used", code)
	}
	j.wants(h.Try("DELETE", "/people/"+chen.id+"/factor", nil, 200, nil) == nil && !b.in(), "the factor was taken away, and the session lives")
	h.Healthy()
	prove.Record(t, "second factors: replay, other times, other people, codes that stand in, proofs", "0 violations", j.String())
}

// Of many who show the same code at once one is let in.
func TestOfManyWhoShowOneCodeAtOnceOneIsLetIn(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	rounds, most := prove.Size(1, 10), 0
	for n := range rounds {
		e := equip(t, h, fmt.Sprint("chen.", n))
		for _, code := range []string{e.recovery[0], e.code(1)} {
			var in atomic.Int64
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if status, _ := e.enters(nobody(t), code); status == http.StatusOK {
						in.Add(1)
					}
				})
			}
			all.Wait()
			if most = max(most, int(in.Load())); in.Load() != 1 {
				t.Errorf("%d were let in by one code, want 1", in.Load())
			}
			if status, _ := e.enters(nobody(t), e.recovery[1+n%2]); status != http.StatusOK && status != http.StatusUnauthorized && status != http.StatusTooManyRequests {
				t.Errorf("another code is answered with %d", status)
			}
		}
	}
	prove.Record(t, "one code of a second factor, shown by 8 at once", "1 let in", fmt.Sprintf("%d times, %d let in at most", 2*rounds, most))
}

// Whoever has the password guesses few codes, and keeps nobody out.
func TestWhoHasThePasswordGuessesFewCodes(t *testing.T) {
	t.Parallel()
	h := open(t, property.Options{})
	e := equip(t, h, "chen")
	home := nobody(t)
	if status, _ := e.enters(home, e.recovery[0]); status != http.StatusOK {
		t.Fatalf("the owner is answered with %d", status)
	}
	var made, judged, in atomic.Int64
	span := time.Duration(prove.Size(3, 300)) * time.Second
	end := time.Now().Add(span)
	var guessing sync.WaitGroup
	for k := range 50 {
		c := at(net.IPv4(127, 0, 1, byte(k+1)))
		guessing.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				status, _ := e.enters(c, fmt.Sprintf("%06d", (k*9973+n*1009)%1_000_000))
				made.Add(1)
				switch status {
				case http.StatusUnauthorized:
					judged.Add(1)
				case http.StatusOK:
					in.Add(1)
				}
				<-time.After(time.Second) // the pace of who guesses, nothing is awaited
			}
		})
	}
	guessing.Wait()
	status, _ := e.enters(home, e.recovery[1])
	if status != http.StatusOK || judged.Load() > fewGuesses() {
		t.Errorf("%d of %d guesses were judged, want %d at most; the owner is answered with %d", judged.Load(), made.Load(), fewGuesses(), status)
	}
	if in.Load() > 0 {
		t.Logf("%d guesses were right, as one of %d is by chance", in.Load(), 333_333)
	}
	h.Healthy()
	prove.Record(t, "codes guessed by who has the password, from 50 addresses, for 5 minutes", "at most 100 judged, the owner is let in",
		fmt.Sprintf("%d of %d judged in %s, %d let in, the owner answered with %d", judged.Load(), made.Load(), span, in.Load(), status))
}
