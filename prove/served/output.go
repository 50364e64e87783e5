package served

import (
	"bytes"
	"sync"
)

// Output is what a process said, readable while it goes on.
type Output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write is used by the process.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// String is all that it said.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Len is the number of bytes that it said.
func (o *Output) Len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Len()
}
