package durability

import "syscall"

// endsWithParent has a process killed when the test program is: a test that was
// cut off leaves no broker behind.
func endsWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
