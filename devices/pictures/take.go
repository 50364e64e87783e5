package pictures

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/wire"
)

// Take stores a batch of pictures, in order, and answers for each: nil means that
// it is owned durably, as a picture, as the repetition of one, or in quarantine.
// An error is temporary: offer that message and all after it again.
func (p *Pictures) Take(ctx context.Context, reports []devices.Report) []error {
	answers := make([]error, len(reports))
	for i, r := range reports {
		if err := p.take(ctx, r); err != nil {
			for j := i; j < len(answers); j++ {
				answers[j] = fmt.Errorf("pictures.take: %w", err)
			}
			return answers
		}
	}
	return answers
}

func (p *Pictures) take(ctx context.Context, r devices.Report) error {
	rec, problem := p.examine(r)
	if problem != "" {
		return p.refuse(ctx, r, devices.Malformed, problem)
	}
	old, err := p.d.Store.Picture(ctx, r.Device, r.Event)
	switch {
	case err == nil && old.Hash != rec.Hash:
		return p.refuse(ctx, r, devices.OtherContent, conflict(r))
	case err == nil && !old.Removed.IsZero():
		return nil // what was removed stays so
	case err == nil:
		return p.heal(ctx, rec, r.Payload)
	case devices.CodeOf(err) != devices.NotFound:
		return err
	}
	revision, err := p.store(ctx, rec, r.Payload)
	switch devices.CodeOf(err) {
	case devices.Conflict:
		return p.refuse(ctx, r, devices.OtherContent, conflict(r))
	case devices.NotFound:
		return p.refuse(ctx, r, devices.Stranger, fmt.Sprintf("device: %.64q is not in the registry", r.Device))
	}
	if err != nil {
		return err
	}
	if revision != 0 {
		p.d.Changed(rec, revision)
	}
	return nil
}

// store makes the bytes durable, and then the record.
func (p *Pictures) store(ctx context.Context, rec Record, data []byte) (devices.Revision, error) {
	p.hold.RLock()
	defer p.hold.RUnlock()
	if err := p.files.put(rec.Hash, data); err != nil {
		return 0, err
	}
	revision, err := p.d.Store.AddPicture(ctx, rec)
	if err == nil && p.used.Add(rec.Size) > p.d.Retention.Bytes {
		select {
		case p.crowd <- struct{}{}:
		default: // it is told already
		}
	}
	return revision, err
}

// heal takes a repetition: a file that was lost is back, but not that of a picture that
// is removed meanwhile.
func (p *Pictures) heal(ctx context.Context, rec Record, data []byte) error {
	p.hold.RLock()
	defer p.hold.RUnlock()
	now, err := p.d.Store.Picture(ctx, rec.Device, rec.Event)
	if err != nil || !now.Removed.IsZero() {
		return err
	}
	return p.files.put(rec.Hash, data)
}

func conflict(r devices.Report) string {
	return fmt.Sprintf("event: %q of this device already has another picture; a picture never changes, a new one needs an event id of its own", r.Event)
}

// examine looks at size and JPEG header only: nothing is decoded here.
func (p *Pictures) examine(r devices.Report) (rec Record, problem string) {
	if !wire.ValidID(string(r.Event)) {
		return Record{}, "event: the topic must end in an event id, 1 to 64 of A-Z a-z 0-9 . _ -"
	}
	size := int64(len(r.Payload))
	if size == 0 || size > p.d.MaxBytes {
		return Record{}, fmt.Sprintf("payload: has %d bytes; a picture must have 1 to %d", size, p.d.MaxBytes)
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(r.Payload))
	if err != nil {
		return Record{}, fmt.Sprintf("payload: is not a JPEG picture (%v)", err)
	}
	if c.Width < 1 || c.Height < 1 || int64(c.Width)*int64(c.Height) > p.d.MaxPixels {
		return Record{}, fmt.Sprintf("payload: is %d × %d pixels; a picture must have 1 to %d in all", c.Width, c.Height, p.d.MaxPixels)
	}
	return Record{
		Device: r.Device, Event: r.Event, Site: r.Site, Hash: sha256.Sum256(r.Payload),
		Size: size, Width: c.Width, Height: c.Height, ArrivedAt: r.Arrived.UTC(),
	}, ""
}

// refuse puts the message away.
func (p *Pictures) refuse(ctx context.Context, r devices.Report, why devices.Why, problem string) error {
	err := p.d.Quarantine.Quarantine(ctx, devices.Quarantined{
		Device: r.Device, Site: r.Site, Topic: r.Topic, Payload: r.Payload, Problem: problem, Why: why, Arrived: r.Arrived,
	})
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	p.d.Log.Warn("picture quarantined", "device", r.Device, "event", r.Event, "problem", problem)
	return nil
}

// Open gives a picture's record and its bytes, which the caller closes. A picture
// that never came, or was removed, is the error NotFound; one whose file was lost is
// Internal.
func (p *Pictures) Open(ctx context.Context, d devices.DeviceID, e devices.EventID) (Record, io.ReadSeekCloser, error) {
	rec, err := p.d.Store.Picture(ctx, d, e)
	if err != nil {
		return Record{}, nil, fmt.Errorf("pictures.open: %w", err)
	}
	if !rec.Removed.IsZero() {
		return Record{}, nil, &devices.Error{Op: "pictures.open", Code: devices.NotFound,
			Message: "this picture was removed on " + rec.Removed.UTC().Format(time.RFC3339) + ", because of its age or for want of space"}
	}
	f, err := os.Open(p.files.path(rec.Hash))
	if err != nil {
		return Record{}, nil, &devices.Error{Op: "pictures.open", Code: devices.Internal,
			Message: "the file of this picture cannot be read", Err: err}
	}
	return rec, f, nil
}
