package broker

import (
	"time"

	"gatehouse/broker/packet"
)

// How much of what a refused client still sends is read, and for how long.
const (
	lingerBytes = 1 << 20
	lingerTime  = 500 * time.Millisecond
)

// linger reads and throws away what is left of the packet that is refused, and what
// has come behind it: a socket that is closed while bytes wait in it is reset, and
// the answer in it is lost. A packet that claims more than lingerBytes is not waited
// for.
func (c *conn) linger() {
	if err := c.nc.SetReadDeadline(time.Now().Add(lingerTime)); err != nil {
		return
	}
	_, size, _ := packet.Peek(c.in.bytes(), 0) // whatever is wrong with it was said
	for got := 0; got < lingerBytes && !c.ended(); {
		got += c.in.used
		c.in.consume(c.in.used)
		if (size > lingerBytes || got >= size) && !unread(c.nc) {
			return
		}
		if c.in.fill() != nil {
			return
		}
	}
}
