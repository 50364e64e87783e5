package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gatehouse/broker"
	"gatehouse/broker/storetest"
	"gatehouse/prove"
)

// contents are the files of a folder.
type contents map[string][]byte

func filesIn(t testing.TB, dir string) contents {
	t.Helper()
	c := contents{}
	entries, err := os.ReadDir(dir)
	ok(t, err)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		ok(t, err)
		c[e.Name()] = b
	}
	return c
}

func (c contents) write(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, b := range c {
		ok(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return dir
}

func (c contents) segments() (names []string) {
	for n := uint32(1); len(names) < len(c); n++ {
		if _, there := c[segmentName(n)]; there {
			names = append(names, segmentName(n))
		} else if len(names) > 0 {
			return names
		}
	}
	return names
}

// filled gives the files of a journal with several segments, of which the oldest
// ones have been removed, and what it holds. It was closed, or is as a killed
// process leaves it.
func filled(t testing.TB, seed int64, closed bool) (contents, *broker.MemoryStore) {
	t.Helper()
	dir := t.TempDir()
	j := opened(t, dir)
	h, model := storetest.NewHistory(seed), broker.NewMemoryStore()
	for n := range 120 {
		changes := h.Next()
		if n%2 == 0 {
			changes = append(changes, retained(fmt.Sprint("kept/", n%40), 200))
		}
		apply(t, j, changes...)
		apply(t, model, changes...)
	}
	if closed {
		ok(t, j.Close())
	}
	return filesIn(t, dir), model
}

// tryOpen opens a folder and gives how what it holds differs from what it should.
func tryOpen(t testing.TB, dir string, want broker.Store) (difference string, err error) {
	t.Helper()
	j, err := Open(context.Background(), dir, Options{SegmentSize: MinSegmentSize, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	defer func() { ok(t, j.Close()) }()
	return storetest.Diff(j, want)
}

// refused opens a folder that must not open, and checks that the error names the
// file and a way out, and that the folder is as it was.
func refused(t *testing.T, c contents, file, problem string) {
	t.Helper()
	dir := c.write(t)
	_, err := tryOpen(t, dir, broker.NewMemoryStore())
	var e *DamageError
	if !errors.As(err, &e) {
		t.Fatalf("%s, %s: it says %v", file, problem, err)
	}
	if e.Path != filepath.Join(dir, file) || !strings.Contains(e.Problem, problem) || e.Remedy == "" || strings.Contains(err.Error(), "\n") {
		t.Errorf("it says %v; want one line about %s with %q and a way out", err, file, problem)
	}
	for name, b := range filesIn(t, dir) {
		if string(b) != string(c[name]) {
			t.Errorf("%s was changed", name)
		}
	}
}

// One bit is turned or one file is cut, anywhere: what is read is right, or it is
// an error that names a file of the journal.
func TestDamageIsNeverSilent(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	r := rand.New(rand.NewPCG(uint64(seed), 5))
	found, harmless := 0, 0
	var whole contents
	var want *broker.MemoryStore
	n := prove.Size(200, 2000)
	for i := range n {
		if i%20 == 0 {
			whole, want = filled(t, seed+int64(i), i%40 == 0)
		}
		bad, what := whole.damage(r)
		dir := bad.write(t)
		difference, err := tryOpen(t, dir, want)
		var e *DamageError
		switch {
		case errors.As(err, &e):
			found++
			if !strings.HasPrefix(e.Path, dir) {
				t.Fatalf("%s: no file is named: %v", what, err)
			}
		case err != nil:
			t.Fatalf("%s: %v", what, err)
		case difference != "":
			t.Fatalf("%s: silently wrong: -want +got\n%s", what, difference)
		default:
			harmless++
		}
	}
	prove.Record(t, "one bit of the session store turned, or a file of it cut or gone", "0 times wrong in silence",
		fmt.Sprintf("0 times wrong in silence of %d: %d named, %d without effect", n, found, harmless))
}

// damage gives a copy with one fault at random.
func (c contents) damage(r *rand.Rand) (_ contents, what string) {
	bad := contents{}
	var names []string
	for name, b := range c {
		bad[name] = append([]byte{}, b...)
		if !strings.HasPrefix(name, "reserve") {
			names = append(names, name)
		}
	}
	name := names[r.IntN(len(names))]
	at := r.IntN(len(bad[name]))
	switch r.IntN(10) {
	case 0:
		delete(bad, name)
		return bad, name + " is gone"
	case 1, 2, 3:
		bad[name] = bad[name][:at]
		return bad, fmt.Sprintf("%s cut at %d", name, at)
	default:
		bad[name][at] ^= 1 << r.IntN(8)
		return bad, fmt.Sprintf("%s turned at %d", name, at)
	}
}

func TestAMissingSegmentIsNamed(t *testing.T) {
	t.Parallel()
	whole, want := filled(t, prove.Seed(t), true)
	names := whole.segments()
	if len(names) < 4 || names[0] == segmentName(1) {
		t.Fatalf("only %v", names)
	}
	if d, err := tryOpen(t, whole.write(t), want); err != nil || d != "" {
		t.Fatalf("nothing is missing: %v %s", err, d)
	}
	for i, name := range names {
		c := maps.Clone(whole)
		delete(c, name)
		if i == 0 { // it may be one that was given up and is only not yet removed
			if d, err := tryOpen(t, c.write(t), want); err == nil && d == "" {
				continue
			}
		}
		refused(t, c, name, "missing")
	}
}

func TestSegmentsOfAnotherPlaceAreRefused(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	whole, _ := filled(t, seed, true)
	names := whole.segments()
	swapped := maps.Clone(whole)
	swapped[names[1]], swapped[names[2]] = whole[names[2]], whole[names[1]]
	refused(t, swapped, names[1], "under another name")

	other, _ := filled(t, seed, true)
	foreign := maps.Clone(whole)
	foreign[names[1]] = other[names[1]]
	refused(t, foreign, names[1], "another store")
}

func TestANewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	whole, _ := filled(t, prove.Seed(t), true)
	name := whole.segments()[0]
	for name, at := range map[string][]int64{name: {0}, markName: {0, markStride}} {
		c := contents{}
		for n, b := range whole {
			c[n] = append([]byte{}, b...)
		}
		for _, at := range at {
			b := c[name][at : at+headerSize]
			b[8]++
			sum := crc(0, b[:headerSize-4])
			b[headerSize-4], b[headerSize-3], b[headerSize-2], b[headerSize-1] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
		}
		refused(t, c, name, "newer version")
	}
}

// What was never acknowledged is no damage: the end of the log may have anything
// behind it, as long as the mark does not know of it.
func TestATornEndIsNoDamage(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	r := rand.New(rand.NewPCG(uint64(seed), 6))
	for range prove.Size(50, 1000) {
		l := newLife(t, r.Int64(), 0)
		for range r.IntN(20) {
			changes := l.history.Next()
			apply(t, l.j, changes...)
			apply(t, l.model, changes...)
		}
		// The next frame is written in part, or with a hole, and never synced.
		s := l.j.segments.newest()
		l.asked = l.history.Next() // it is whole if all that was cut is zeros
		ok(t, l.j.encode(l.asked))
		frame := append(make([]byte, frameHeader), l.j.user...)
		seal(frame, l.j.frame+1, s.salt)
		if r.IntN(2) == 0 {
			frame = frame[:r.IntN(len(frame))]
		} else {
			frame[r.IntN(len(frame))] ^= 1
		}
		if int64(len(frame)) <= s.room() {
			_, err := s.file.WriteAt(frame, s.end)
			ok(t, err)
		}
		l.what = "torn end"
		l.comeBack(l.d.afterKill())
		l.run(3)
		l.comeBack(l.d.afterKill())
	}
}

// After a power cut the mark may be old. A frame with a whole one behind it was
// durable all the same.
func TestDamageBeforeAWholeFrameIsFoundWithoutTheMark(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := opened(t, dir)
	old := filesIn(t, dir)[markName]
	for n := range 10 {
		apply(t, j, retained(fmt.Sprint(n), 10))
	}
	ok(t, j.Close())
	c := filesIn(t, dir)
	c[markName] = old
	if d, err := tryOpen(t, c.write(t), modelWith(t, 10)); err != nil || d != "" {
		t.Fatalf("an old mark alone: %v %s", err, d)
	}
	c[segmentName(1)][headerSize+frameHeader+5] ^= 4
	refused(t, c, segmentName(1), "changed")
}

func modelWith(t *testing.T, n int) *broker.MemoryStore {
	m := broker.NewMemoryStore()
	for n := range n {
		apply(t, m, retained(fmt.Sprint(n), 10))
	}
	return m
}

// What is copied forward is read and checked once more.
func TestDamageIsFoundWhileCleaning(t *testing.T) {
	t.Parallel()
	l := newLife(t, prove.Seed(t), 0)
	for n := range 40 {
		apply(t, l.j, retained(fmt.Sprint("kept/", n), 200))
	}
	oldest := l.j.segments.oldest()
	l.d.entries[oldest.name()].content[oldest.end-50] ^= 1
	var err error
	for n := 0; err == nil && l.j.segments.oldest() == oldest; n++ {
		err = l.j.Apply(context.Background(), []broker.Change{retained("changes", n%100)})
	}
	var e *DamageError
	if !errors.As(err, &e) || e.Path != l.j.path(oldest.name()) {
		t.Errorf("it says %v", err)
	}
	if again := l.j.Apply(context.Background(), []broker.Change{retained("changes", 1)}); again == nil {
		t.Error("it went on")
	}
}

func TestAFullDiskHasManyNames(t *testing.T) {
	t.Parallel()
	for err, full := range map[error]bool{
		syscall.ENOSPC: true, syscall.EDQUOT: true, syscall.EFBIG: true, syscall.EIO: false, os.ErrClosed: false,
	} {
		if isFull(&os.PathError{Op: "write", Err: err}) != full {
			t.Errorf("%v: want %v", err, full)
		}
	}
}
