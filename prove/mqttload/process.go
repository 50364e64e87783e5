package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of /proc/PID/stat, the same on every Linux that Go
// runs on.
const ticksPerSecond = 100

// cpuTime is what a process has used so far. The sum over its threads counts in
// nanoseconds but forgets threads that ended; the process's own count remembers
// them and is in steps of 10 ms. Both only ever say too little.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	coarse, err := parseStat(stat)
	if err != nil {
		return 0, err
	}
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return 0, err
	}
	var fine time.Duration
	for _, name := range files {
		line, err := os.ReadFile(name) //nolint:gosec // a file of the kernel
		if errors.Is(err, os.ErrNotExist) {
			continue // the thread has ended meanwhile
		} else if err != nil {
			return 0, err
		}
		n, err := leadingNumber(line)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		fine += time.Duration(n)
	}
	return max(fine, coarse), nil
}

// parseStat is user and system time in a line of /proc/PID/stat: fields 14 and 15,
// counted behind the name, which may have spaces and brackets in it.
func parseStat(line []byte) (time.Duration, error) {
	fields := strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("15 fields in /proc/PID/stat expected, %q came", line)
	}
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / ticksPerSecond), nil
}

func leadingNumber(line []byte) (int64, error) {
	first, _, _ := strings.Cut(string(line), " ")
	return strconv.ParseInt(first, 10, 64)
}

// memory is the resident memory of a process in KiB.
func memory(pid int) (int, error) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	_, second, _ := strings.Cut(string(statm), " ")
	pages, err := leadingNumber([]byte(second))
	return int(pages) * os.Getpagesize() / 1024, err
}

// meter measures time and the CPU time of the broker and of the generator.
type meter struct {
	pid         int
	began       time.Time
	broker, own time.Duration
}

func (l load) startMeter() (m meter, err error) {
	if m.pid = l.pid; m.pid != 0 {
		if m.broker, err = cpuTime(m.pid); err != nil {
			return m, err
		}
		if m.own, err = cpuTime(os.Getpid()); err != nil {
			return m, err
		}
	}
	m.began = time.Now()
	return m, nil
}

// stop puts what it cost since the start into r, per unit.
func (m meter) stop(r *result, units int) error {
	took := time.Since(m.began)
	r.Seconds = took.Seconds()
	r.PerSecond = float64(units) / took.Seconds()
	if m.pid == 0 || units == 0 {
		return nil
	}
	broker, err := cpuTime(m.pid)
	if err != nil {
		return err
	}
	own, err := cpuTime(os.Getpid())
	if err != nil {
		return err
	}
	r.CPUMicros = micros(broker-m.broker) / float64(units)
	r.OwnCPUMicros = micros(own-m.own) / float64(units)
	return nil
}
