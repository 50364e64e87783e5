// Package flow holds a publisher and a subscriber that go by the book, through any
// number of connections, and keep their own truth: what they were told is what they
// are owed. Suites that kill brokers, or cut their lines, count with them what was
// lost, doubled or out of order.
//
//	out, in := flow.NewSender("t", 2, 10), &flow.Receiver{}
//	err := out.Run(connection, more)     // again with the next connection when it fails
//	err = in.Run(connection, nil)        // until flow.End came
//	all := flow.Compare(out.Acked, in.Got, out.Begun)
package flow
