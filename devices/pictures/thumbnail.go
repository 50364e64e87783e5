package pictures

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"

	"gatehouse/devices"
	"gatehouse/devices/durable"
)

// The size of a thumbnail, at most, in pixels.
const (
	ThumbnailWidth  = 320
	ThumbnailHeight = 240
)

// ThumbnailMemory is what decoding one picture may take, in bytes: enough for 25
// million pixels, or 5 million of a progressive one.
const ThumbnailMemory = 96 << 20

const thumbnailQuality = 80

// Thumbnail gives a picture's record and the bytes of a small JPEG of it, which the
// caller closes. Errors are those of Open; a picture that cannot be made small, because
// it is damaged or too large, is NotFound.
func (p *Pictures) Thumbnail(ctx context.Context, d devices.DeviceID, e devices.EventID) (Record, io.ReadSeekCloser, error) {
	rec, whole, err := p.Open(ctx, d, e)
	if err != nil {
		return Record{}, nil, err
	}
	defer whole.Close()
	f, err := os.Open(p.files.thumbnail(rec.Hash))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return rec, f, err
	}
	select {
	case p.making <- struct{}{}:
	case <-ctx.Done():
		return Record{}, nil, &devices.Error{Op: "pictures.thumbnail", Code: devices.Unavailable, Err: ctx.Err()}
	}
	defer func() { <-p.making }()
	if err := p.makeThumbnail(rec.Hash, whole); err != nil {
		return Record{}, nil, err
	}
	if f, err = os.Open(p.files.thumbnail(rec.Hash)); err != nil {
		return Record{}, nil, removedMeanwhile(err)
	}
	return rec, f, nil
}

func removedMeanwhile(err error) error {
	return &devices.Error{Op: "pictures.thumbnail", Code: devices.NotFound, Message: "this picture was removed", Err: err}
}

func (f files) thumbnail(hash [32]byte) string {
	name := hex.EncodeToString(hash[:])
	return filepath.Join(f.dir, name[:2], name+".thumb.jpg")
}

// makeThumbnail makes one, unless somebody did meanwhile.
func (p *Pictures) makeThumbnail(hash [32]byte, whole io.Reader) error {
	path := p.files.thumbnail(hash)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(whole, p.d.MaxBytes+1))
	if err != nil {
		return err
	}
	small, err := shrink(data)
	if err != nil {
		return &devices.Error{Op: "pictures.thumbnail", Code: devices.NotFound, Message: "this picture cannot be made small: " + err.Error()}
	}
	p.hold.RLock() // what is removed meanwhile gets no thumbnail
	defer p.hold.RUnlock()
	if _, err := os.Stat(p.files.path(hash)); err != nil {
		return removedMeanwhile(err)
	}
	return durable.Replace(path, small)
}

// shrink decodes a picture and encodes a small one.
func shrink(data []byte) ([]byte, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if need := memoryOf(data, c); need > ThumbnailMemory {
		return nil, fmt.Errorf("%d × %d pixels would take %d MiB to decode, at most %d are allowed", c.Width, c.Height, need>>20, ThumbnailMemory>>20)
	}
	whole, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	small := image.NewRGBA(fit(c.Width, c.Height))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), whole, whole.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: thumbnailQuality}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// memoryOf is what image/jpeg takes for a picture at most: four bytes a pixel, and for
// a progressive one four times as many more, because it keeps all coefficients until its
// end.
func memoryOf(data []byte, c image.Config) int64 {
	pixels := int64(c.Width) * int64(c.Height)
	if progressive(data) {
		return pixels * 4 * 5
	}
	return pixels * 4
}

// progressive looks for the marker SOF2 (ITU-T T.81, table B.1) among the segments
// before the first scan.
func progressive(data []byte) bool {
	const sof2, sos = 0xc2, 0xda
	for i := 2; i+4 <= len(data); {
		if data[i] != 0xff {
			i++ // the decoder skips such bytes, too
			continue
		}
		switch marker := data[i+1]; {
		case marker == sof2:
			return true
		case marker == sos:
			return false
		case marker == 0xff || marker == 0 || marker >= 0xd0 && marker <= 0xd9 || marker == 0x01:
			i++ // fill bytes, and markers without a length
		default:
			i += 2 + int(data[i+2])<<8 + int(data[i+3])
		}
	}
	return false
}

// fit is the largest size of the same shape that a thumbnail may have.
func fit(width, height int) image.Rectangle {
	scale := min(1, float64(ThumbnailWidth)/float64(width), float64(ThumbnailHeight)/float64(height))
	return image.Rect(0, 0, max(1, int(float64(width)*scale)), max(1, int(float64(height)*scale)))
}
