//go:build !linux

package durability

import "syscall"

func endsWithParent() *syscall.SysProcAttr { return nil }
