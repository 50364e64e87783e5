package main

import (
	"os"
	"testing"
)

func TestWhatAProcessCostsIsReadFromTheKernel(t *testing.T) {
	t.Parallel()
	if cpu, err := cpuTime(os.Getpid()); err != nil || cpu <= 0 {
		t.Errorf("%v, %v", cpu, err)
	}
	if kib, err := memory(os.Getpid()); err != nil || kib < 1000 {
		t.Errorf("%d KiB, %v", kib, err)
	}
}
