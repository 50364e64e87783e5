//go:build failpoints

package failpoint

import "testing"

func TestTheProcessEndsAtThePassThatWasAskedFor(t *testing.T) {
	p, err := parse("after-commit:3", "")
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 5; i++ {
		if p.pass(BeforeCommit) {
			t.Fatal("another place ends it")
		}
		if got, want := p.pass(AfterCommit), i == 3; got != want {
			t.Errorf("pass %d ends it: %v, want %v", i, got, want)
		}
	}
}

func TestAPlanThatSaysNoNumberIsRefused(t *testing.T) {
	for _, text := range []string{"after-commit", "after-commit:", "after-commit:0", "after-commit:x"} {
		if _, err := parse(text, ""); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestWithoutAPlanNothingHappens(t *testing.T) {
	Here(AfterCommit)
	if Planted(SkipSync) {
		t.Error("a bug that nobody asked for")
	}
}
