package broker

// fifo is a list that is taken from at its front. While it is short it keeps its
// memory: most of them are empty, and become so again and again.
type fifo[T any] struct {
	list []T
	head int // list[:head] was taken
}

// fifoKept is how many places an empty list keeps.
const fifoKept = 16

func (q *fifo[T]) len() int { return len(q.list) - q.head }

// all are the elements in order. They are not to be kept.
func (q *fifo[T]) all() []T { return q.list[q.head:] }

func (q *fifo[T]) push(x T) {
	if len(q.list) == cap(q.list) && q.head > len(q.list)/2 {
		n := copy(q.list, q.list[q.head:])
		clear(q.list[n:])
		q.list, q.head = q.list[:n], 0
	}
	q.list = append(q.list, x)
}

// pop takes the first element; there has to be one.
func (q *fifo[T]) pop() T {
	var none T
	x := q.list[q.head]
	q.list[q.head] = none
	if q.head++; q.head == len(q.list) {
		q.empty()
	}
	return x
}

func (q *fifo[T]) empty() {
	q.head = 0
	if q.list = q.list[:0]; cap(q.list) > fifoKept {
		q.list = nil
	}
}

// set replaces all elements.
func (q *fifo[T]) set(list []T) {
	q.list, q.head = list, 0
	if len(list) == 0 {
		q.list = nil
	}
}
