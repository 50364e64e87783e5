package abuse

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// input is a packet of a template that was made wrong in one place.
type input struct {
	x     template
	after bool // behind CONNECT, not instead of it
	cut   bool // the packet is whole and its body was cut
	torn  bool // the stream ends within the packet
	at    int  // of the body, or of the packet if torn or flipped
	to    byte // what the byte at that place becomes, if it is neither
}

func (i input) bytes() []byte {
	whole := i.x.bytes()
	switch {
	case i.cut:
		return mqtt.AppendFrame(nil, i.x.first, i.x.body[:i.at])
	case i.torn:
		return whole[:i.at]
	}
	whole[i.at] = i.to
	return whole
}

func (i input) String() string {
	what := fmt.Sprintf("byte %d set to %#02x", i.at, i.to)
	if i.cut {
		what = fmt.Sprintf("body cut at %d", i.at)
	} else if i.torn {
		what = fmt.Sprintf("stream ends at %d", i.at)
	}
	return fmt.Sprintf("%s, after CONNECT %v, %s: % x", i.x.name, i.after, what, i.bytes())
}

// inputs are all templates, wrong in every way and place.
func inputs() (list []input) {
	for _, x := range templates() {
		for _, after := range []bool{false, true} {
			for at := range x.body {
				list = append(list, input{x: x, after: after, cut: true, at: at})
			}
			whole := x.bytes()
			for at, b := range whole {
				list = append(list, input{x: x, after: after, torn: true, at: at})
				for _, to := range []byte{0x00, 0x7f, 0x80, 0xff} {
					if to != b {
						list = append(list, input{x: x, after: after, at: at, to: to})
					}
				}
			}
		}
	}
	return list
}

// mustRefuse says whether the broker may take nothing of it. What a byte that was
// set makes of a packet may be right; of a cut it is known.
func (i input) mustRefuse() bool {
	switch {
	case i.torn:
		return true
	case i.cut:
		return mqtt.Type(i.x.first>>4) != mqtt.CONNECT && !i.after || !i.x.right(i.at)
	}
	return false
}

// strange says whether it is a CONNECT of a version that nobody knows: then the
// answer may have the form of any.
func (i input) strange() bool {
	level := len(i.x.bytes()) - len(i.x.body) + 6
	return mqtt.Type(i.x.first>>4) == mqtt.CONNECT && !i.after && !i.cut && !i.torn && i.at == level
}

// awaitStrange reads the answer to it.
func awaitStrange(nc net.Conn) (a answer) {
	_ = nc.SetReadDeadline(time.Now().Add(2 * time.Second))
	b, err := io.ReadAll(nc)
	a.open = err != nil && isTimeout(err)
	if len(b) > 0 && string(b) != "\x20\x02\x00\x01" && (len(b) < 5 || b[0] != 0x20 || b[3] != 0x84) {
		a.broken = fmt.Errorf("CONNACK of 3.1.1 with 1 or of 5 with 0x84 expected, % x came", b)
	}
	return a
}

// send sends it on a connection of its own, ends its side, and gives what the
// server answered, without the CONNACK of a good CONNECT.
func (i input) send(s *server, k int) (a answer, err error) {
	nc, err := raw(s.Addr, k)
	if err != nil {
		return a, err
	}
	defer drop(nc)
	var b []byte
	if i.after {
		b = mqtt.AppendConnect(b, mqtt.Connect{Version: i.x.v})
	}
	_, _ = nc.Write(append(b, i.bytes()...)) // it may be closed while we write
	_ = nc.CloseWrite()
	if i.strange() {
		return awaitStrange(nc), nil
	}
	a = await(nc, i.x.v, 2*time.Second)
	if i.after {
		if len(a.packets) == 0 || a.packets[0].Type != mqtt.CONNACK || a.packets[0].Code != 0 {
			return a, fmt.Errorf("a right CONNECT before it is answered with %s", a)
		}
		a.packets = a.packets[1:]
	}
	return a, nil
}

func TestNoPacketThatIsWrongInOnePlaceHarmsTheBroker(t *testing.T) {
	parallel(t)
	seed := prove.Seed(t)
	s := release(t)
	all := inputs()
	r := rand.New(rand.NewPCG(uint64(seed), 2))
	r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	all = all[:prove.Size(3000, len(all))]
	var mu sync.Mutex
	var open, wrong []string
	began := time.Now()
	together(len(all), 32, func(k int) {
		a, err := all[k].send(s, k)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			wrong = append(wrong, fmt.Sprintf("%s: %v", all[k], err))
		case a.open:
			open = append(open, all[k].String())
		case a.broken != nil || all[k].mustRefuse() && !a.refused():
			wrong = append(wrong, fmt.Sprintf("%s: %s", all[k], a))
		}
	})
	took := time.Since(began)
	for _, what := range slices.Concat(open[:min(len(open), 10)], wrong[:min(len(wrong), 10)]) {
		t.Error(what)
	}
	if len(templates()) < 200 || prove.Full() && len(all) < 100_000 {
		t.Errorf("%d templates, %d inputs", len(templates()), len(all))
	}
	limit(t, "time for all inputs", took, 5*time.Minute)
	prove.Record(t, "no packet that is wrong in one place harms the broker", "at least 100,000 inputs in 5 min, 0 deaths, 0 still open after 2 s, 0 wrong answers",
		fmt.Sprintf("%d inputs of %d templates in %s: %d still open, %d wrong answers", len(all), len(templates()), short(took), len(open), len(wrong)))
}
