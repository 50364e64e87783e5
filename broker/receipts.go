package broker

import "gatehouse/broker/packet"

// receipts are the acknowledgements that a client waits for, in the order in
// which its messages came. One is sent when it and all before it are ready.
type receipts struct {
	first uint64 // number of list[0]
	list  []receipt
}

type receipt struct {
	id     uint16
	reason packet.ReasonCode
	ready  bool
}

// add opens a receipt and gives its number.
func (r *receipts) add(id uint16) uint64 {
	r.list = append(r.list, receipt{id: id})
	return r.first + uint64(len(r.list)) - 1
}

func (r *receipts) ready(number uint64, reason packet.ReasonCode) {
	x := &r.list[number-r.first]
	x.ready, x.reason = true, reason
}

// next takes the first one if it is ready.
func (r *receipts) next() (receipt, bool) {
	if len(r.list) == 0 || !r.list[0].ready {
		return receipt{}, false
	}
	x := r.list[0]
	r.first++
	if r.list = r.list[1:]; len(r.list) == 0 {
		r.list = nil
	}
	return x, true
}
