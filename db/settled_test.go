package db

import (
	"os"
	"path/filepath"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestWhetherThereIsAnAccountIsSeenBesideAnOpenDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	is := func(when string, want bool) {
		t.Helper()
		if got, err := Settled(t.Context(), dir); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", when, got, err, want)
		}
	}
	is("without a database", false)
	d, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	is("without an account", false)
	o := operators.Operator{ID: "o1", Name: "Li", Role: operators.Administrator}
	if err := d.Operators().AddFirstOperator(t.Context(), o, devices.AuditEntry{Verb: "operator.setup"}); err != nil {
		t.Fatal(err)
	}
	is("with one", true)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	is("with one, closed", true)
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte("this is no database at all, not by far"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Settled(t.Context(), dir); err == nil {
		t.Error("a damaged one has an answer")
	}
}
