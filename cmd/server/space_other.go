//go:build !linux && !darwin

package main

// diskSpace is not known here.
func diskSpace(string) (free, total int64, known bool) { return 0, 0, false }

// sameDisk is not known here.
func sameDisk(string, string) *bool { return nil }
