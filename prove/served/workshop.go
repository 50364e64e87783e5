package served

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Workshop builds the server, each kind once. Its zero value is ready.
type Workshop struct {
	mu   sync.Mutex
	dir  string
	done map[string]built
}

type built struct {
	path string
	err  error
}

// Release is the binary that GATEHOUSE_SERVER names, or one that is built like it.
func (w *Workshop) Release() (string, error) {
	if path := os.Getenv("GATEHOUSE_SERVER"); path != "" {
		return path, nil
	}
	return w.Build("nomsgpack")
}

// Build builds the server with tags, separated by spaces, and other flags of go
// build. Who asks for the same again is given what there is.
func (w *Workshop) Build(tags string, flags ...string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := strings.Join(append([]string{tags}, flags...), "\x00")
	b, ok := w.done[key]
	if !ok {
		b.path, b.err = w.build(tags, flags)
		if w.done == nil {
			w.done = map[string]built{}
		}
		w.done[key] = b
	}
	return b.path, b.err
}

func (w *Workshop) build(tags string, flags []string) (string, error) {
	if w.dir == "" {
		dir, err := os.MkdirTemp("", "gatehouse-built-*")
		if err != nil {
			return "", err
		}
		w.dir = dir
	}
	path := filepath.Join(w.dir, fmt.Sprintf("server-%d", len(w.done)))
	args := append(append([]string{"build", "-tags", tags, "-o", path}, flags...), "gatehouse/cmd/server")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil { //nolint:gosec // a test names the flags
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
}

// Close removes what was built.
func (w *Workshop) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dir == "" {
		return nil
	}
	return os.RemoveAll(w.dir)
}
