package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/durable"
	"gatehouse/prove"
)

var li = devices.Actor{Kind: devices.ActorOperator, ID: "1", Name: "li"}

// house is a data folder with a database, which is a file that can be copied.
type house struct {
	t       *testing.T
	data    string
	dir     string
	free    int64
	damaged error         // what CheckCopy finds
	copying chan struct{} // closed: a copy goes on; nil: it does not wait
	during  func()        // is called while a copy is made
	trail   []string
	*Service
}

func (h *house) Name() string { return "platform.db" }

func (h *house) CopyTo(ctx context.Context, to string) error {
	if h.during != nil {
		h.during()
	}
	if h.copying != nil {
		select {
		case <-h.copying:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	content, err := os.ReadFile(filepath.Join(h.data, h.Name()))
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

func (h *house) CheckCopy(context.Context, string) error { return h.damaged }

func newHouse(t *testing.T, change func(*Deps)) *house {
	t.Helper()
	h := &house{t: t, data: t.TempDir(), dir: filepath.Join(t.TempDir(), "backups"), free: 1 << 40}
	h.write("platform.db", strings.Repeat("rows ", 20_000))
	h.write("data.key", "secret")
	h.write("heads/1.json", "{}")
	h.write("plans/aa.png", "picture of a plan")
	h.write("plans/tmp/half", "not whole")
	d := Deps{
		Data: h.data, Database: h, Before: []string{"data.key", "heads", "never-made"}, Grow: []string{"plans"}, Dir: h.dir, At: 3 * 60, Keep: 3, DataKey: true, Version: "v1",
		Space: func(string) (int64, int64, bool) { return h.free, 1 << 41, true },
		Record: func(_ context.Context, by devices.Actor, verb, object string, _ map[string]any) error {
			h.trail = append(h.trail, strings.Join([]string{by.Name, verb, object}, " "))
			return nil
		},
	}
	if change != nil {
		change(&d)
	}
	var err error
	if h.Service, err = New(d); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) write(name, content string) {
	h.t.Helper()
	path := filepath.Join(h.data, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		h.t.Fatal(err)
	}
}

// made makes a backup and gives its path.
func (h *house) made() string {
	h.t.Helper()
	if !h.begin(li) {
		h.t.Fatal("one is being made")
	}
	h.turn(h.t.Context(), li)
	st := h.Status()
	if st.Failed != nil || len(st.Backups) == 0 {
		h.t.Fatalf("no backup was made: %+v", st)
	}
	return filepath.Join(h.dir, st.Backups[0].Name)
}

// contents are the files below a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(folder, func(at string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(at)
		name, _ := filepath.Rel(folder, at)
		all[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestABackupGivesBackEverythingThatWasKept(t *testing.T) {
	t.Parallel()
	for _, passphrase := range []string{"", "correct horse battery"} {
		h := newHouse(t, func(d *Deps) { d.Passphrase = passphrase })
		h.during = func() { h.write("plans/bb.png", "came while the database was copied") }
		file := h.made()
		into := t.TempDir()
		m, err := Unpack(t.Context(), file, passphrase, into)
		if err != nil {
			t.Fatal(err)
		}
		want := contents(t, h.data)
		delete(want, "plans/tmp/half")
		got := contents(t, into)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("restored %d files, want %d", len(got), len(want))
		}
		if m.Version != "v1" || !m.DataKey || m.Pictures {
			t.Errorf("manifest %+v", m)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the backup has mode %v (%v): others may read it", info.Mode(), err)
		}
		if raw, _ := os.ReadFile(file); passphrase != "" && !bytes.HasPrefix(raw, []byte(ageIntro)) {
			t.Error("it is not encrypted")
		}
		if want := "li backup.make backup:" + filepath.Base(file); len(h.trail) != 1 || h.trail[0] != want {
			t.Errorf("trail %v, want %q", h.trail, want)
		}
	}
}

// Every byte counts: what is flipped, and every length but the whole.
func TestADamagedBackupIsRefused(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(uint64(prove.Seed(t)), 1))
	refused := 0
	// Each look at one that is encrypted costs a scrypt, so that they are fewer.
	for passphrase, rounds := range map[string]int{"": prove.Size(100, 4000), "correct horse battery": prove.Size(2, 50)} {
		h := newHouse(t, func(d *Deps) { d.Passphrase = passphrase })
		whole, err := os.ReadFile(h.made())
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "damaged")
		check := func(what string, content []byte) {
			t.Helper()
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Check(t.Context(), file, passphrase); err == nil {
				t.Errorf("%s, and it is believed", what)
				return
			}
			refused++
		}
		check("something follows", append(bytes.Clone(whole), 0))
		for range rounds {
			n := rnd.IntN(len(whole))
			check(fmt.Sprintf("cut at %d", n), whole[:n])
			turned := bytes.Clone(whole)
			turned[n] ^= 1 << rnd.IntN(8)
			if passphrase == "" && n < 10 {
				continue // gzip's own header: its time and system count for nothing
			}
			check(fmt.Sprintf("a bit of byte %d turned", n), turned)
		}
	}
	prove.Record(t, "a backup that was cut or changed is refused", "all", fmt.Sprint(refused))
}

func TestAnotherPassphraseAndForeignFilesAreRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *Deps) { d.Passphrase = "correct horse battery" })
	file := h.made()
	for _, wrong := range []string{"", "correct horse battery "} {
		if _, err := Check(t.Context(), file, wrong); !errors.Is(err, ErrPassphrase) {
			t.Errorf("with %q: %v", wrong, err)
		}
	}
	foreign := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(foreign, []byte("notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(t.Context(), foreign, ""); err == nil || !strings.Contains(err.Error(), "no backup of this program") {
		t.Errorf("a foreign file: %v", err)
	}
}

func TestNamesInAnArchiveLeadNowhereElse(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../outside", "/outside", "a/../../outside", ""} {
		into := filepath.Join(t.TempDir(), "into")
		if _, err := Unpack(t.Context(), archiveWith(t, tar.Header{Name: name, Typeflag: tar.TypeReg}), "", into); err == nil {
			t.Errorf("%q was unpacked", name)
		}
		if left := contents(t, filepath.Dir(into)); len(left) != 0 {
			t.Errorf("%q left %v", name, left)
		}
	}
	for _, kind := range []byte{tar.TypeSymlink, tar.TypeLink, tar.TypeDir, tar.TypeFifo} {
		into := t.TempDir()
		if _, err := Unpack(t.Context(), archiveWith(t, tar.Header{Name: "x", Typeflag: kind, Linkname: "/etc/passwd"}), "", into); err == nil {
			t.Errorf("an entry of kind %q was unpacked", kind)
		}
	}
}

// archiveWith is an archive that begins as ours do.
func archiveWith(t *testing.T, h tar.Header) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	text := []byte(`{"form":1}`)
	for _, err := range []error{
		w.WriteHeader(&tar.Header{Name: manifestName, Size: int64(len(text)), Mode: 0o600, Typeflag: tar.TypeReg}), write2(w, text),
		w.WriteHeader(&h), w.Close(), z.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func write2(w *tar.Writer, text []byte) error {
	_, err := w.Write(text)
	return err
}

func TestABackupThatFailsLeavesThoseThatThereAre(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(d *Deps) { d.Keep = 1 })
	first := h.made()
	for says, spoil := range map[string]func(){
		"free some space": func() { h.free = KeepFree },
		"row 7 is broken": func() { h.damaged = errors.New("row 7 is broken") },
		"no such file":    func() { _ = os.Remove(filepath.Join(h.data, h.Name())) },
	} {
		h.free, h.damaged = 1<<40, nil
		spoil()
		h.begin(li)
		h.turn(t.Context(), li)
		st := h.Status()
		if st.Failed == nil || !strings.Contains(st.Failed.Why, says) {
			t.Errorf("it says %+v, want %q", st.Failed, says)
		}
		if left := contents(t, h.dir); len(left) != 1 || len(st.Backups) != 1 || st.Backups[0].Name != filepath.Base(first) {
			t.Errorf("%s: there is %v", says, st.Backups)
		}
		if _, err := os.Stat(h.scratch()); err == nil {
			t.Errorf("%s: a copy of the database is left behind", says)
		}
		h.write(h.Name(), "rows")
	}
}

func TestTheOldestGoWhenANewOneIsProved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		foreign := filepath.Join(h.dir, "gatehouse-notes.txt")
		var names []string
		for range 5 {
			names = append(names, filepath.Base(h.made()))
			time.Sleep(time.Hour) // of the bubble's clock
		}
		if err := os.WriteFile(foreign, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		st := h.Status()
		if len(st.Backups) != 3 || st.Backups[0].Name != names[4] || st.Backups[2].Name != names[2] {
			t.Errorf("there are %v of %v", st.Backups, names)
		}
	})
}

func TestABackupIsMadeEachDayAndAfterADayThatTheServerWasOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins at midnight UTC
		var h *house
		// It ends between two looks at the clock.
		run := func(lasts time.Duration) {
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- h.Run(ctx) }()
			time.Sleep(lasts + lookEvery/2)
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		h = newHouse(t, func(d *Deps) { d.At = clockOf(time.Now().Add(3 * time.Hour)); d.Keep = 100 })
		run(firstAfter / 2)
		if n := len(h.Status().Backups); n != 0 {
			t.Errorf("%d before the first is due", n)
		}
		run(firstAfter)
		if n := len(h.Status().Backups); n != 1 {
			t.Errorf("%d after an hour and a half, want the first", n)
		}
		run(3 * 24 * time.Hour)
		if n := len(h.Status().Backups); n != 4 {
			t.Errorf("%d after three days more, want 4", n)
		}
		time.Sleep(50 * time.Hour) // it is off
		run(10 * time.Minute)
		if n := len(h.Status().Backups); n != 5 {
			t.Errorf("%d after two days off, want one more", n)
		}
		h.free = 0
		run(24 * time.Hour)
		if st := h.Status(); len(st.Backups) != 5 || st.Failed == nil || st.Next.Sub(st.Failed.At) != retryAfter {
			t.Errorf("with a full disk: %+v", st)
		}
		h.free = 1 << 40
		run(2 * time.Hour)
		if st := h.Status(); len(st.Backups) != 6 || st.Failed != nil {
			t.Errorf("when there is room again: %+v", st)
		}
	})
}

// clockOf is what the machine's clock shows.
func clockOf(t time.Time) Clock {
	t = t.In(time.Local)
	return Clock(t.Hour()*60 + t.Minute())
}

func TestOneBackupIsMadeAtATimeAndAStopGivesItUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.copying = make(chan struct{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- h.Run(ctx) }()
		if err := h.Start(li); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if st := h.Status(); st.Running == nil || st.Running.Step != Copying || st.Running.By != li {
			t.Errorf("while one is made: %+v", st.Running)
		}
		if err := h.Start(li); devices.CodeOf(err) != devices.Conflict {
			t.Errorf("a second one: %v", err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if st := h.Status(); st.Running != nil || st.Failed != nil || len(st.Backups) != 0 {
			t.Errorf("after the stop: %+v", st)
		}
		if left := contents(t, h.dir); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// A folder on a machine that does not answer keeps whoever looks into it waiting.
func TestWhoAsksHowBackupsStandDoesNotWaitForTheirFolder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers, here := make(chan struct{}), false
		h := newHouse(t, func(d *Deps) { d.SameDisk = func() *bool { <-answers; return &here } })
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- h.Run(ctx) }()
		synctest.Wait()
		if st := h.Status(); st.SameDisk != nil || len(st.Backups) != 0 {
			t.Errorf("before it was seen: %+v", st)
		}
		close(answers)
		synctest.Wait()
		if st := h.Status(); st.SameDisk == nil || *st.SameDisk {
			t.Errorf("when it answers: %+v", st)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestWhatAnEndOfTheProgramLeftIsRemoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.write("backup.tmp/platform.db", "copied")
	if _, err := New(h.d); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(h.scratch()); err == nil {
		t.Error("a copy of the database is left behind")
	}
	h.made()
	half := filepath.Join(h.dir, strings.TrimSuffix(durable.Half, "*")+"1")
	if err := os.WriteFile(half, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h.made()
	if _, err := os.Stat(half); err == nil {
		t.Error("half a backup is left behind")
	}
}

func TestOnlyAnEncryptedBackupIsGivenOut(t *testing.T) {
	t.Parallel()
	plain := newHouse(t, nil)
	file := plain.made()
	if _, _, err := plain.Open(t.Context(), li, filepath.Base(file)); devices.CodeOf(err) != devices.Conflict {
		t.Errorf("one that is not encrypted: %v", err)
	}
	sealed := newHouse(t, func(d *Deps) { d.Passphrase = "correct horse battery" })
	f, b, err := sealed.Open(t.Context(), li, filepath.Base(sealed.made()))
	if err != nil || !b.Encrypted {
		t.Fatal(b, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if want := "li backup.take backup:" + b.Name; sealed.trail[len(sealed.trail)-1] != want {
		t.Errorf("trail %v, want %q at its end", sealed.trail, want)
	}
	for _, name := range []string{"../data.key", "gatehouse-20261127-030000Z.tar.gz.age/../../data.key", "", "gatehouse-20200101-000000Z.tar.gz.age"} {
		if _, _, err := sealed.Open(t.Context(), li, name); devices.CodeOf(err) != devices.NotFound {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestATimeOfDayIsReadOrRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Clock{"": Never, "00:00": 0, "03:00": 180, "23:59": 1439} {
		if got, err := ParseClock(text); err != nil || got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, err, want)
		} else if got.String() != text {
			t.Errorf("%q is %q again", text, got)
		}
	}
	for _, text := range []string{"24:00", "3", "03:60", "noon", "-1:00"} {
		if _, err := ParseClock(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
