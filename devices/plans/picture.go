package plans

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"

	"gatehouse/devices"
)

// The limits of a picture.
const (
	MaxBytes  = 10 << 20
	MaxSVG    = 2 << 20    // bytes of an SVG
	MaxPixels = 40_000_000 // in all: a browser needs four bytes for each
	MaxSide   = 16_000     // pixels; more than this no browser is sure to draw
	MinSide   = 64
)

// Examine says what a picture is. It looks at the header only, and at an SVG as a text. Errors
// are Invalid with Field picture.
func Examine(data []byte) (Picture, error) {
	if len(data) == 0 || len(data) > MaxBytes {
		return Picture{}, wrongPicture(fmt.Sprintf("has %d bytes; it must have 1 to %d (10 MiB): save it smaller, for example as a JPEG of 4000 × 3000 pixels", len(data), MaxBytes))
	}
	p := Picture{Hash: sha256.Sum256(data), Size: int64(len(data)), Format: sniff(data)}
	var c image.Config
	var err error
	switch p.Format {
	case PNG:
		c, err = png.DecodeConfig(bytes.NewReader(data))
	case JPEG:
		c, err = jpeg.DecodeConfig(bytes.NewReader(data))
	case WebP:
		c, err = webp.DecodeConfig(bytes.NewReader(data))
	case SVG:
		p.Width, p.Height, err = readSVG(data)
		return p, err
	default:
		return Picture{}, wrongPicture("is not a PNG, JPEG, WebP or SVG picture, whatever its name says: export the plan as one of them, for example plan.png; of a PDF or a DWG drawing make a PNG first")
	}
	if err != nil {
		return Picture{}, wrongPicture(fmt.Sprintf("is a damaged %s picture (%v): save it anew", p.Format, err))
	}
	p.Width, p.Height = c.Width, c.Height
	return p, checkSides(p)
}

func checkSides(p Picture) error {
	if min(p.Width, p.Height) < MinSide || max(p.Width, p.Height) > MaxSide || int64(p.Width)*int64(p.Height) > MaxPixels {
		return wrongPicture(fmt.Sprintf("is %d × %d pixels; each side must have %d to %d, and all together at most %d: for example 4000 × 3000", p.Width, p.Height, MinSide, MaxSide, MaxPixels))
	}
	return nil
}

// sniff tells a format by how the bytes begin; empty: it is none of them.
func sniff(data []byte) Format {
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return JPEG
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return WebP
	case bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(data, utf8Mark), " \t\r\n"), []byte("<")) && bytes.Contains(data, []byte("<svg")):
		return SVG
	}
	return ""
}

// utf8Mark is the byte order mark of UTF-8.
var utf8Mark = []byte("\xef\xbb\xbf")

func wrongPicture(message string) error {
	return &devices.Error{Op: "plan.picture", Code: devices.Invalid, Field: "picture", Message: message}
}
