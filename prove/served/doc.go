// Package served runs programs of this module as a stranger would: built as they
// are shipped, in a process of their own, seen from outside only. Tests use it to
// kill them, to weigh them, and to read what they say.
//
//	var shop served.Workshop // TestMain closes it
//	path, err := shop.Release()
//	s := served.Start(t, served.Command{Args: []string{path, "broker", "--tcp", "127.0.0.1:0", "--anonymous"}})
//	mqtt.Dial(s.Addr, ...)
//
// What it promises: a program that was started is killed when its test ends, and
// (on Linux) when the test program does.
package served
