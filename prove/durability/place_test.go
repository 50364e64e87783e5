package durability

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/flow"
)

// exitCode is that of a broker that ended at a named place.
const exitCode = 77

// place is a named place to end at.
type place struct {
	name   string
	passes int // it ends at the first pass, or at most at this one
}

func places() []place {
	return []place{
		{"before-commit", 150},
		{"written", 150},
		{"after-commit", 150},
		{"after-ack", 150},
		{"new-segment", 2},
		{"copied", 3},
		{"mid-cleaning", 2},
	}
}

// ordeal is a broker between random traffic whose truth a model knows, and a
// stream at QoS 2 that fills the files of its log.
type ordeal struct {
	r *rand.Rand
	d *driver
	x *stream
	l launch // without an end
}

func newOrdeal(t *testing.T, r *rand.Rand, l launch) *ordeal {
	t.Helper()
	s := run(t, l)
	out := flow.NewSender("t", 2, 10)
	out.Size = 32 << 10
	return &ordeal{r: r, d: newDriver(t, s, r), x: newStream(t, s, rand.New(rand.NewPCG(r.Uint64(), 1)), out), l: l}
}

// endAt lets the broker run until it ends at a place, and compares the next one
// with the model.
func (o *ordeal) endAt(t *testing.T, p place) {
	t.Helper()
	o.d.s.Kill()
	o.d.crashed()
	dying := o.l
	pass := 1 + o.r.IntN(p.passes)
	dying.env = append(dying.env[:len(dying.env):len(dying.env)], fmt.Sprintf("GATEHOUSE_FAILPOINT=%s:%d", p.name, pass))
	if s, err := try(t, dying); err == nil { // otherwise it was there already when it started
		o.x.house.move(s)
		o.d.s = s
		o.d.run()
		o.dead(t, s, p, pass)
	} else {
		o.dead(t, s, p, pass)
	}
	s := run(t, o.l)
	o.x.house.move(s)
	o.d.check(s)
}

func (o *ordeal) dead(t *testing.T, s *server, p place, pass int) {
	t.Helper()
	if code := s.Wait(t); code != exitCode {
		t.Fatalf("exit code %d instead of the end at %s, pass %d: %s", code, p.name, pass, s.Stderr)
	}
}

func TestTheBrokerMayEndAtEveryNamedPlace(t *testing.T) {
	t.Parallel()
	seed, runs := prove.Seed(t), prove.Size(1, 50)
	for i, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			o := newOrdeal(t, rand.New(rand.NewPCG(uint64(seed), uint64(i))), launch{dir: t.TempDir(), planted: true})
			for range runs {
				o.endAt(t, p)
			}
			all := o.x.finish()
			if all.Lost+all.Doubled+all.Out+all.Invented > 0 || all.Came != o.x.out.Begun {
				t.Errorf("%d flows begun: %s", o.x.out.Begun, all)
			}
			lively(t, o.d.s)
			prove.Record(t, "the broker may end at "+p.name, "0 differences to a model, QoS 2 exactly once",
				fmt.Sprintf("%d ends, %d deeds: 0 differences; %s", runs, o.d.deeds, all))
		})
	}
}
