package statistics

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"
)

// growth is the ratio of the bounds of a bucket: its middle is at most 2 % away from
// all that is in it.
const growth = 1.04

// longest is what a time may be at most: a clock that was never set makes no event
// decades late.
const longest = 400 * 24 * time.Hour

// Histogram counts times. The zero value is empty.
type Histogram struct {
	Count   uint64
	Max     time.Duration // exact, in ms
	buckets []bucket      // those that are not empty, in their order
}

// bucket is how many times lie in one part of the scale.
type bucket struct {
	at int
	n  uint64
}

// Add counts a time; less than nothing is nothing.
func (h *Histogram) Add(d time.Duration) {
	d = min(max(0, d), longest).Truncate(time.Millisecond)
	h.put(bucketOf(d), 1)
	h.Count++
	h.Max = max(h.Max, d)
}

func (h *Histogram) put(at int, n uint64) {
	i, known := slices.BinarySearchFunc(h.buckets, at, func(b bucket, at int) int { return b.at - at })
	if known {
		h.buckets[i].n += n
		return
	}
	h.buckets = slices.Insert(h.buckets, i, bucket{at, n})
}

// Merge adds all that another one has.
func (h *Histogram) Merge(o Histogram) {
	if len(h.buckets) == 0 {
		h.buckets = slices.Clone(o.buckets)
	} else {
		for _, b := range o.buckets {
			h.put(b.at, b.n)
		}
	}
	h.Count += o.Count
	h.Max = max(h.Max, o.Max)
}

// Quantile is the time that a part q of all, from 0 to 1, did not exceed: within 2 %.
// Zero if there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.Count == 0 {
		return 0
	}
	rank := max(1, uint64(math.Ceil(q*float64(h.Count))))
	var seen uint64
	for _, b := range h.buckets {
		if seen += b.n; seen >= rank {
			return min(middleOf(b.at), h.Max)
		}
	}
	return h.Max
}

// bucketOf is 0 up to 1 ms, and i for what is over growth^(i-1) ms and up to growth^i.
func bucketOf(d time.Duration) int {
	if ms := float64(d.Milliseconds()); ms > 1 {
		return int(math.Ceil(math.Log(ms) / math.Log(growth)))
	}
	return 0
}

func middleOf(bucket int) time.Duration {
	if bucket == 0 {
		return time.Millisecond
	}
	upper := math.Pow(growth, float64(bucket))
	return time.Duration(math.Round(2*upper/(growth+1))) * time.Millisecond
}

// append writes it as numbers: how many buckets, the distance of each from the one
// before, and what it has; then the longest, in ms.
func (h *Histogram) append(to []byte) []byte {
	to = binary.AppendUvarint(to, uint64(len(h.buckets)))
	last := 0
	for _, b := range h.buckets {
		to = binary.AppendUvarint(to, uint64(b.at-last))
		to = binary.AppendUvarint(to, b.n)
		last = b.at
	}
	return binary.AppendUvarint(to, uint64(h.Max.Milliseconds()))
}

var errDamaged = errors.New("statistics: a stored day is damaged")

// numbers reads what append wrote; the first error stays.
type numbers struct {
	rest []byte
	err  error
}

func (r *numbers) next() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.rest, r.err = nil, errDamaged
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *numbers) histogram() (h Histogram) {
	n := r.next()
	if n > uint64(bucketOf(longest))+1 {
		r.err = errDamaged
	}
	if r.err != nil {
		return Histogram{}
	}
	if n > 0 {
		h.buckets = make([]bucket, 0, n)
	}
	last := -1
	for i := range n {
		step := r.next()
		if step > uint64(bucketOf(longest)) || step == 0 && i > 0 {
			r.err = errDamaged
		}
		if r.err != nil {
			return Histogram{}
		}
		last = max(last, 0) + int(step)
		b := bucket{last, r.next()}
		h.buckets = append(h.buckets, b)
		h.Count += b.n
	}
	h.Max = time.Duration(min(r.next(), uint64(longest.Milliseconds()))) * time.Millisecond
	return h
}
