package served

import (
	"strings"
	"testing"
)

func shell(script string) Command { return Command{Args: []string{"/bin/sh", "-c", script}} }

func TestWhatAProgramSaysWhenReadyIsKnownAndItsEndIsSeen(t *testing.T) {
	t.Parallel()
	s := Start(t, shell("trap 'exit 3' TERM; echo hello; echo ready mqtt=here more=2; echo ready again; while :; do sleep 0.01; done"))
	if s.Addr != "here" || s.Told["more"] != "2" || !s.Alive() || s.PID() == 0 {
		t.Errorf("told %v, alive %v", s.Told, s.Alive())
	}
	if code := s.Terminate(t); code != 3 {
		t.Errorf("exit code %d", code)
	}
}

func TestAProgramThatEndsBeforeItIsReadySaysWhy(t *testing.T) {
	t.Parallel()
	s, err := Try(t, shell("echo no such luck >&2; exit 1"))
	if err == nil || !strings.Contains(err.Error(), "no such luck") || s.Alive() {
		t.Errorf("alive %v, %v", s.Alive(), err)
	}
}

func TestAProgramEndsWhenAsked(t *testing.T) {
	t.Parallel()
	s := Start(t, shell("trap 'exit 0' TERM; echo ready x=1; while :; do sleep 0.01; done"))
	if code := s.Terminate(t); code != 0 || s.Alive() {
		t.Errorf("exit code %d, alive %v", code, s.Alive())
	}
	if err := s.Signal(9); err != nil {
		t.Errorf("a signal to a program that has ended: %v", err)
	}
}
