package broker

import "gatehouse/broker/packet"

// receipts are the acknowledgements that a client waits for, in the order in
// which its messages came. One is sent when it and all before it are ready.
type receipts struct {
	first uint64 // number of the first in list
	list  fifo[receipt]
}

type receipt struct {
	id     uint16
	reason packet.ReasonCode
	ready  bool
}

// add opens a receipt and gives its number.
func (r *receipts) add(id uint16) uint64 {
	r.list.push(receipt{id: id})
	return r.first + uint64(r.list.len()) - 1
}

func (r *receipts) ready(number uint64, reason packet.ReasonCode) {
	x := &r.list.all()[number-r.first]
	x.ready, x.reason = true, reason
}

// next takes the first one if it is ready.
func (r *receipts) next() (receipt, bool) {
	if r.list.len() == 0 || !r.list.all()[0].ready {
		return receipt{}, false
	}
	r.first++
	return r.list.pop(), true
}
