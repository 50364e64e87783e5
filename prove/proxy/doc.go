// Package proxy is a TCP proxy that is a bad line: it swallows what is sent, waits,
// is narrow, cuts what it carries into slices, and resets connections. What is
// random in it comes from a seed.
//
//	p, err := proxy.New(address, proxy.Fault{Latency: 500 * time.Millisecond, Slice: 1}, seed)
//	mqtt.Dial(p.Addr(), ...)
//	p.Swallow(true) // from now on nothing arrives, and nobody is told
//
// What it promises: bytes that arrive are those that were sent, in order, and none
// in between is missing. An end that one side says is told to the other, unless the
// line swallows.
package proxy
