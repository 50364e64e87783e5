package journal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gatehouse/broker"
)

// Load implements broker.Store. It gives the sessions, then what belongs to them
// and the message bodies as they stand in the log, then the queues in their order.
func (j *Journal) Load(ctx context.Context, f func(broker.Change) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return errClosed
	case j.broken != nil:
		return j.broken
	}
	if err := j.loadRecords(ctx, f, func(k kind) bool { return k == putSession }); err != nil {
		return err
	}
	for client, s := range j.mirror.sessions {
		if s.at == (ref{}) { // it was never put itself
			if err := f(broker.PutSession{Session: broker.SessionRecord{Client: client}}); err != nil {
				return err
			}
		}
	}
	if err := j.loadRecords(ctx, f, func(k kind) bool { return k != putSession && k != enqueue }); err != nil {
		return err
	}
	return j.loadQueues(f)
}

// loadRecords gives the live records of some kinds.
func (j *Journal) loadRecords(ctx context.Context, f func(broker.Change) error, wanted func(kind) bool) error {
	var buf []byte
	for _, s := range j.segments.list {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.live == 0 {
			continue
		}
		var err error
		if buf, err = s.read(buf, s.end); err != nil {
			return fmt.Errorf("journal %s: %w", j.path(s.name()), err)
		}
		end, err := s.frames(buf, func(frame []byte, at int64) error {
			return records(frame[frameHeader:], func(rec record, n int) error {
				at := ref{s.number, uint32(at + frameHeader + int64(n)), uint32(rec.size)}
				if !wanted(rec.kind) || j.mirror.place(rec) != at {
					return nil
				}
				c, err := rec.change()
				if err != nil {
					return j.damaged(s.name(), int64(at.at), "record cannot be read", err)
				}
				return f(c)
			})
		})
		if err == nil && end != s.end {
			err = j.damaged(s.name(), end, "frame has been changed", nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) loadQueues(f func(broker.Change) error) error {
	for _, client := range slices.Sorted(maps.Keys(j.mirror.sessions)) {
		queue := j.mirror.sessions[client].queue.live()
		for i := range queue {
			if err := f(broker.Enqueue{Entry: queue[i].value.change(client, queue[i].key)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// read gives the beginning of the file, in buf if it has room. A file that is
// shorter gives less.
func (s *segment) read(buf []byte, size int64) ([]byte, error) {
	if int64(cap(buf)) < size {
		buf = make([]byte, size)
	}
	n, err := s.file.ReadAt(buf[:size], 0)
	return buf[:n], notEOF(err)
}

// frames calls f with every whole frame of a segment's content and its place, in
// the order of their numbers, and gives where the last of them ends.
func (s *segment) frames(content []byte, f func(frame []byte, at int64) error) (end int64, err error) {
	end = headerSize
	for number := s.first; ; number++ {
		frame, ok := whole(content[min(end, int64(len(content))):], number, s.salt)
		if !ok {
			return end, nil
		}
		if err := f(frame, end); err != nil {
			return end, err
		}
		end += int64(len(frame))
	}
}
