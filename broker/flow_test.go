package broker

import (
	"fmt"
	"testing"

	"gatehouse/broker/packet"
)

func TestEveryQoSGoesBothWays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house, v packet.Version) {
		reader, writer := h.over(v, "reader", keep), h.over(v, "writer")
		reader.subscribe(2, "t/#")
		for qos := range packet.QoS(3) {
			payload := fmt.Sprint("m", qos)
			if qos == 2 {
				writer.exactlyOnce("t/x", payload, 7)
			} else {
				writer.send(pub("t/x", payload, qos, uint16(qos)))
			}
			if qos == 1 {
				writer.ack(packet.PUBACK, 1)
			}
			got := reader.message("t/x", payload)
			if got.QoS != qos || got.Dup || got.Retain {
				t.Fatalf("got %+v", got)
			}
			switch qos {
			case 1:
				reader.send(ackOf(packet.PUBACK, got.ID))
			case 2:
				reader.send(ackOf(packet.PUBREC, got.ID))
				reader.ack(packet.PUBREL, got.ID)
				reader.send(ackOf(packet.PUBCOMP, got.ID))
			}
		}
		reader.silent()
	})
}
