//go:build !failpoints

package failpoint

import "testing"

func TestWithoutTheTagNothingIsReadAndNothingHappens(t *testing.T) {
	t.Setenv("GATEHOUSE_FAILPOINT", "after-commit:1")
	t.Setenv("GATEHOUSE_PLANTED", string(SkipSync))
	Here(AfterCommit)
	if Enabled || Planted(SkipSync) {
		t.Error("a shipped binary would do what its environment says")
	}
}
