package durability

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/flow"
	"gatehouse/prove/mqtt"
)

// The truth of the store that is damaged.
const (
	damageWaiting  = 300 // messages that wait for a client
	damageRetained = 40
	damageSessions = 5
)

// furnish fills a folder: what is kept, and traces of much that is not any more.
func furnish(t *testing.T, end func(*server)) (dir string) {
	t.Helper()
	s := onFolder(t)
	subscribe(t, s.Addr, "absent", 1, "w")
	x := newStream(t, s, rand.New(rand.NewPCG(1, 2)), flow.NewSender("t", 2, 10))
	if err := errors.Join(settle(s, damageSessions), retain(s, damageRetained)); err != nil {
		t.Fatal(err)
	}
	c, err := dial(s.Addr, "waits", mqtt.V311)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	x.finish()
	out := flow.NewSender("w", 1, 10)
	out.Size = prove.Size(0, 40<<10) // more than one file of the log
	if err := out.Run(c, func() bool { return out.Begun < damageWaiting }); err != nil {
		t.Fatal(err)
	}
	end(s)
	return s.dir
}

// damage changes one bit or cuts one file of a folder short, and says where.
func damage(t *testing.T, dir string, r *rand.Rand) (file, what string) {
	t.Helper()
	var files []string
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if info, e2 := e.Info(); err == nil && e2 == nil && e.Type().IsRegular() && info.Size() > 0 {
			files = append(files, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	file = files[r.IntN(len(files))]
	if logs, _ := filepath.Glob(filepath.Join(dir, "*", "*.log")); len(logs) > 0 && r.IntN(3) > 0 {
		file = logs[r.IntN(len(logs))] // most of what is kept is in them
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	used := max(1, len(bytes.TrimRight(content, "\x00"))) // behind it space is held ready
	if r.IntN(8) == 0 {
		used = len(content)
	}
	at := r.IntN(used)
	if what = fmt.Sprintf("%s cut to %d of %d bytes", filepath.Base(file), at, len(content)); r.IntN(4) == 0 {
		content = content[:at]
	} else {
		bit := r.IntN(8)
		content[at] ^= 1 << bit
		what = fmt.Sprintf("bit %d of byte %d of %s (%d bytes) flipped", bit, at, filepath.Base(file), len(content))
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Base(file), what
}

// serves says what is different from the truth.
func serves(s *server) error {
	got, err := drain(s.Addr, "absent", "w")
	if err != nil {
		return err
	}
	want := make([]int, damageWaiting)
	for i := range want {
		want[i] = i
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("%d messages wait, or others than the %d that were acknowledged", len(got), damageWaiting)
	}
	for i := range damageSessions {
		if err := reaches(s, i); err != nil {
			return err
		}
	}
	n, err := countRetained(s, damageRetained)
	if err != nil {
		return fmt.Errorf("%d of %d retained messages: %w", n, damageRetained, err)
	}
	return nil
}

// explains says whether a refusal names the file and what to do.
func explains(refusal error, file string) bool {
	text := refusal.Error()
	return strings.Contains(text, file) && (strings.Contains(text, "backup") || strings.Contains(text, "restore"))
}

func TestDamagedFilesAreNeverServedSilently(t *testing.T) {
	t.Parallel()
	seed := prove.Seed(t)
	for name, end := range map[string]func(*server){
		"after a clean stop": func(s *server) { s.Terminate(t) },
		"after kill -9":      func(s *server) { s.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(seed), 1))
			dir := furnish(t, end)
			refused, runs := 0, prove.Size(10, 100)
			for i := range runs {
				copied := filepath.Join(t.TempDir(), fmt.Sprint("copy-", i))
				if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				file, what := damage(t, copied, r)
				s, err := try(t, launch{dir: copied})
				if err != nil {
					refused++
					if !explains(err, file) {
						t.Errorf("%s: the refusal does not name the file and the way out: %v", what, err)
					}
				} else if err := serves(s); err != nil {
					t.Errorf("%s: it is served, and: %v", what, err)
				}
				s.Kill()
				_ = os.RemoveAll(copied)
			}
			prove.Record(t, "one flipped bit or a file cut short in the store is refused at the start, with the file and the way out, or harms nothing",
				"0 served silently", fmt.Sprintf("%d damaged: %d refused, %d served without a difference", runs, refused, runs-refused))
		})
	}
}
