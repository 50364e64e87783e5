//go:build !linux

package served

import (
	"syscall"
	"time"
)

func endsWithParent() *syscall.SysProcAttr { return nil }

// Resident is not known here: 0.
func (s *Server) Resident() int { return 0 }

// Peak is not known here: 0.
func (s *Server) Peak() int { return 0 }

// Forget does nothing here.
func (s *Server) Forget() error { return nil }

// Processor is not known here: 0.
func (s *Server) Processor() time.Duration { return 0 }

// Descriptors is not known here: 0.
func (s *Server) Descriptors() int { return 0 }
