package db

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/devices"
)

// The program in docs/audit.md is what a stranger verifies with.
func TestTheDocumentedProgramVerifiesATrail(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here to run the documented program with")
	}
	text, err := os.ReadFile("../docs/audit.md")
	ok(t, err)
	_, program, _ := strings.Cut(string(text), "```python\n")
	program, _, _ = strings.Cut(program, "```")
	dir := t.TempDir()
	script, file := filepath.Join(dir, "verify.py"), filepath.Join(dir, FileName)
	ok(t, os.WriteFile(script, []byte(program), 0o600))
	d := reopened(t, dir)
	register(t, d, gate)
	li := devices.Actor{Kind: devices.ActorOperator, ID: "o1", Name: "李", Address: "192.0.2.1", Session: "07"}
	ok(t, d.Devices().AddAudit(context.Background(), devices.Audited(start, li, "operator.create", "", "operator:o2", nil).With(map[string]any{"name": "吴"})))
	ok(t, d.Devices().AddAudit(context.Background(), devices.AuditEntry{Verb: "without.time"}))
	newest, err := d.Trail().Newest(context.Background())
	ok(t, err)
	run := func() string {
		out, _ := exec.CommandContext(t.Context(), python, script, file).CombinedOutput()
		return strings.TrimSpace(string(out))
	}
	if got, want := run(), "5 "+newest.Hash.String(); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	alter(t, file, "DROP TRIGGER audit_no_update; UPDATE audit SET object = 'x' WHERE id = 3")
	if got := run(); got != "row 3 is not what was written" {
		t.Errorf("of a row that was changed: %q", got)
	}
}
