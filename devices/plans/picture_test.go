package plans_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"strings"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/plans"
)

// svg is one with something in it.
func svg(inside string) []byte {
	return []byte(`<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` +
		`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1200 800">` + inside + `</svg>`)
}

func TestDrawingIsTakenWithItsShape(t *testing.T) {
	t.Parallel()
	root := func(attributes string) []byte {
		return []byte("\xef\xbb\xbf\n<svg xmlns='http://www.w3.org/2000/svg' " + attributes + "><path d='M0 0'/></svg>")
	}
	for name, c := range map[string]struct {
		data          []byte
		width, height int
	}{
		"a view box":             {svg(`<g style="fill:red"><a xlink:href="https://example.org/"><text>门</text></a></g>`), 1200, 800},
		"width and height":       {root(`width="300px" height="200"`), 300, 200},
		"millimetres":            {root(`width="420mm" height="297mm" viewBox="0 0 1 1"`), 420, 297},
		"units that differ":      {root(`width="100%" height="297mm" viewBox="0,0, 90 70"`), 90, 70},
		"drawn in metres":        {root(`viewBox="0 0 3 1.5"`), 128, 64},
		"drawn in tenths of one": {root(`viewBox="0 0 640000 320000"`), 16000, 8000},
		"a picture in it":        {svg(`<image href="data:image/png;base64,AAAA"/><use xlink:href="#gate"/>`), 1200, 800},
	} {
		p, err := plans.Examine(c.data)
		if err != nil || p.Format != plans.SVG || p.Width != c.width || p.Height != c.height || p.Format.ContentType() != "image/svg+xml" {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestDrawingThatCouldDoAnythingIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	for inside, says := range map[string]string{
		`<script>alert(1)</script>`:                            "the element script",
		`<g><SCRIPT href="x.js"/></g>`:                         "the element SCRIPT",
		`<h:script xmlns:h="http://www.w3.org/1999/xhtml"/>`:   "the element script",
		`<foreignObject><p/></foreignObject>`:                  "the element foreignObject",
		`<rect onload="alert(1)"/>`:                            "the handler onload",
		`<rect OnClick="alert(1)"/>`:                           "the handler OnClick",
		`<a href=" JavaScript:alert(1)"/>`:                     "a script in href",
		`<set attributeName="href" to="javascript:alert(1)"/>`: "a script in to",
		`<image xlink:href="http://example.org/plan.png"/>`:    "a reference to another file",
		`<use href="other.svg#a"/>`:                            "a reference to another file",
		`<image href="data:text/html,hello"/>`:                 "a reference to another file",
		`<g>`:                                                  "cannot be read",
		`&nbsp;`:                                               "cannot be read",
		`<iframe src="/"/>`:                                    "the element iframe",
		strings.Repeat(`<path d="M0 0"/>`, plans.MaxSVG/16):    "2 MiB",
	} {
		_, err := plans.Examine(svg(inside))
		refused(t, err, devices.Invalid, "picture", says)
	}
	entities := []byte(`<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">&a;</svg>`)
	_, err := plans.Examine(entities)
	refused(t, err, devices.Invalid, "picture", "declares entities")
	for root, says := range map[string]string{
		`<svg viewBox="0 0 100 100"/>`:                                                                    "is XML, but no SVG",
		`<html><svg xmlns="http://www.w3.org/2000/svg"/></html>`:                                          "is XML, but no SVG",
		`<svg xmlns="http://www.w3.org/2000/svg"/>`:                                                       "without a size",
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 NaN 5"/>`:                                   "without a size",
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100000 1"/>`:                                "too long and thin",
		`<svg xmlns="http://www.w3.org/2000/svg" width="-5" height="10"/>`:                                "without a size",
		`<?xml version="1.0" encoding="GBK"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>`: "in UTF-8",
	} {
		_, err := plans.Examine([]byte(root))
		refused(t, err, devices.Invalid, "picture", says)
	}
}

// sized is a PNG that claims a size.
func sized(t *testing.T, width, height uint32) []byte {
	t.Helper()
	data := drawn(t, 64, 64)
	binary.BigEndian.PutUint32(data[16:], width)
	binary.BigEndian.PutUint32(data[20:], height)
	return data
}

func TestPictureThatIsNoneOrTooLargeIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	var small bytes.Buffer
	must(t, png.Encode(&small, image.NewGray(image.Rect(0, 0, 63, 100))))
	for says, data := range map[string][]byte{
		"has 0 bytes":             nil,
		"1 to 10485760":           make([]byte, plans.MaxBytes+1),
		"is not a PNG":            []byte("%PDF-1.7 a plan"),
		"whatever its name says":  []byte("GIF89a"),
		"damaged png":             drawn(t, 64, 64)[:20],
		"damaged jpeg":            []byte("\xff\xd8\xff\xe0 and no more"),
		"damaged webp":            []byte("RIFF\x00\x00\x00\x00WEBPVP8 "),
		"is 63 × 100 pixels":      small.Bytes(),
		"damaged":                 sized(t, 1<<31, 1<<31),
		"for example 4000 × 3000": drawn(t, 16_001, 64),
	} {
		_, err := plans.Examine(data)
		refused(t, err, devices.Invalid, "picture", says)
	}
}

// Whatever the bytes are, they are a picture of a right size or refused with the field.
func FuzzExamine(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
	f.Add([]byte("\xff\xd8\xff\xe0"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8L"))
	f.Add(svg(`<g style="fill:red"><use href="#a"/></g>`))
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="1e3mm" height="9mm">`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := plans.Examine(data)
		if err == nil && (min(p.Width, p.Height) < plans.MinSide || max(p.Width, p.Height) > plans.MaxSide) {
			t.Errorf("%+v", p)
		}
		if err != nil && devices.CodeOf(err) != devices.Invalid {
			t.Error(err)
		}
	})
}
