package plans

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

const svgSpace = "http://www.w3.org/2000/svg"

// readSVG gives the size of an SVG that does nothing but be drawn.
func readSVG(data []byte) (width, height int, err error) {
	if len(data) > MaxSVG {
		return 0, 0, wrongPicture(fmt.Sprintf("is an SVG of %d bytes; it may have %d (2 MiB): simplify it, or export it as a PNG", len(data), MaxSVG))
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, utf8Mark)))
	found := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && found {
			return width, height, nil
		}
		if err != nil {
			return 0, 0, wrongPicture(fmt.Sprintf("is an SVG that cannot be read (%v): save it anew, in UTF-8", err))
		}
		switch token := token.(type) {
		case xml.Directive:
			if bytes.ContainsRune(token, '[') {
				return 0, 0, wrongPicture("is an SVG that declares entities: save it as plain SVG")
			}
		case xml.StartElement:
			if !found {
				if width, height, err = sizeOf(token); err != nil {
					return 0, 0, err
				}
				found = true
			}
			if what := acts(token); what != "" {
				return 0, 0, wrongPicture("is an SVG with " + what + ": a plan may only be drawn; save it as plain SVG, or as a PNG")
			}
		}
	}
}

// acting are elements that do something, or hold what is no drawing.
var acting = []string{"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler", "listener"}

// drawing are elements that show what their reference leads to.
var drawing = []string{"image", "use", "feimage", "tref"}

// acts is what an element does besides being drawn; empty: nothing.
func acts(e xml.StartElement) string {
	name := strings.ToLower(e.Name.Local)
	if slices.Contains(acting, name) {
		return "the element " + e.Name.Local
	}
	for _, a := range e.Attr {
		key, value := strings.ToLower(a.Name.Local), strings.ToLower(strings.TrimSpace(a.Value))
		switch {
		case strings.HasPrefix(key, "on"):
			return "the handler " + a.Name.Local
		case strings.HasPrefix(value, "javascript:"):
			return "a script in " + a.Name.Local
		case key == "href" && slices.Contains(drawing, name) && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:image/"):
			return "a reference to another file, which would not be shown (embed it)"
		}
	}
	return ""
}

// sizeOf is the size of the root in units: its width and height, or those of its view box.
func sizeOf(root xml.StartElement) (width, height int, err error) {
	if root.Name.Local != "svg" || root.Name.Space != svgSpace {
		return 0, 0, wrongPicture(fmt.Sprintf("is XML, but no SVG: it must begin with <svg xmlns=%q viewBox=\"0 0 1200 800\">", svgSpace))
	}
	attr := map[string]string{}
	for _, a := range root.Attr {
		attr[a.Name.Local] = a.Value
	}
	w, unit, ok := length(attr["width"])
	h, same, also := length(attr["height"])
	if !ok || !also || unit != same {
		if w, h, ok = viewBox(attr["viewBox"]); !ok {
			return 0, 0, wrongPicture(`is an SVG without a size: its first element needs viewBox="0 0 1200 800", or width="1200" and height="800"`)
		}
	}
	// Only the shape counts: one that is drawn in metres is as good as one in pixels.
	if grow := MinSide / min(w, h); grow > 1 {
		w, h = w*grow, h*grow
	}
	if shrink := MaxSide / max(w, h); shrink < 1 {
		w, h = w*shrink, h*shrink
	}
	width, height = int(math.Round(w)), int(math.Round(h))
	if max(width, height) > MaxSide || min(width, height) < MinSide {
		return 0, 0, wrongPicture(fmt.Sprintf("is an SVG of the size %g × %g, which is too long and thin: for example 1200 × 800", w, h))
	}
	return width, height, nil
}

// length reads a size such as 210mm: the number and the unit.
func length(text string) (n float64, unit string, ok bool) {
	text = strings.TrimSpace(text)
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz%")
	unit = text[len(number):]
	n, err := strconv.ParseFloat(number, 64)
	return n, strings.TrimSuffix(unit, "px"), err == nil && usable(n) && unit != "%"
}

func viewBox(text string) (width, height float64, ok bool) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,\t\r\n", r) })
	if len(parts) != 4 {
		return 0, 0, false
	}
	width, err := strconv.ParseFloat(parts[2], 64)
	height, also := strconv.ParseFloat(parts[3], 64)
	return width, height, err == nil && also == nil && usable(width) && usable(height)
}

// usable is whether a number may be a size. It is false for what is no number.
func usable(n float64) bool { return n >= 1e-3 && n <= 1e9 }
