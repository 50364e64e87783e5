//go:build !linux

package journal

// allocate implements file.
func (f osFile) allocate(size int64) error { return f.fill(size) }

// sync implements file.
func (f osFile) sync() error { return f.Sync() }
