package sim

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"time"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Scene is what a camera sees: a lane, a boom, and a car if there is a plate.
type Scene struct {
	Camera string
	At     time.Time
	Plate  string // empty: the lane is empty
	Colour int    // of the car
}

const width, height = 640, 360

var (
	sky    = color.RGBA{0xb8, 0xcf, 0xe0, 0xff}
	wall   = color.RGBA{0x8d, 0x93, 0x8c, 0xff}
	road   = color.RGBA{0x4a, 0x4e, 0x53, 0xff}
	line   = color.RGBA{0xe3, 0xe0, 0xd2, 0xff}
	glass  = color.RGBA{0x2b, 0x3a, 0x46, 0xff}
	tyre   = color.RGBA{0x18, 0x18, 0x1a, 0xff}
	lamp   = color.RGBA{0xff, 0xf3, 0xc4, 0xff}
	boom   = color.RGBA{0xd0, 0x2f, 0x2f, 0xff}
	white  = color.RGBA{0xff, 0xff, 0xff, 0xff}
	black  = color.RGBA{0x00, 0x00, 0x00, 0xff}
	green  = color.RGBA{0x8c, 0xd0, 0x9a, 0xff}
	blue   = color.RGBA{0x16, 0x4a, 0xa6, 0xff}
	yellow = color.RGBA{0xf2, 0xc8, 0x2c, 0xff}
	paints = []color.RGBA{
		{0xc9, 0xcd, 0xd2, 0xff}, {0x24, 0x2a, 0x33, 0xff}, {0x9c, 0x1f, 0x2b, 0xff},
		{0x1f, 0x4f, 0x8f, 0xff}, {0xf4, 0xf4, 0xf1, 0xff}, {0x3f, 0x6b, 0x4c, 0xff},
	}
)

// JPEG draws the scene.
func (s Scene) JPEG() ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	s.lane(img)
	if s.Plate != "" {
		s.car(img)
	}
	fill(img, 0, 0, width, 26, black)
	text(img, 10, 18, 1, white, s.At.UTC().Format("2006-01-02 15:04:05.000 UTC"))
	text(img, 250, 18, 1, white, "CAM "+s.Camera)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 82}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (s Scene) lane(img *image.RGBA) {
	fill(img, 0, 0, width, height, sky)
	fill(img, 0, 90, width, 150, wall)
	for y := 150; y < height; y++ { // a road that widens towards us
		half := 120 + (y-150)*width/height
		fill(img, width/2-half, y, width/2+half, y+1, road)
		if y/22%2 == 0 {
			fill(img, width/2-half+14, y, width/2-half+20, y+1, line)
			fill(img, width/2+half-20, y, width/2+half-14, y+1, line)
		}
	}
	fill(img, 70, 120, 92, 250, yellow) // the post, and its boom
	for x := 92; x < 560; x += 40 {
		fill(img, x, 132, x+20, 142, boom)
		fill(img, x+20, 132, x+40, 142, white)
	}
}

func (s Scene) car(img *image.RGBA) {
	paint := paints[s.Colour%len(paints)]
	for y := 140; y < 205; y++ { // the cabin
		half := 70 + (y-140)*50/65
		fill(img, width/2-half, y, width/2+half, y+1, paint)
		fill(img, width/2-half+12, y, width/2+half-12, y+1, glass)
	}
	fill(img, width/2-72, 140, width/2+72, 147, paint)
	fill(img, 200, 300, 240, 330, tyre)
	fill(img, 400, 300, 440, 330, tyre)
	fill(img, 190, 205, 450, 310, paint)
	fill(img, 200, 232, 250, 256, lamp)
	fill(img, 390, 232, 440, 256, lamp)
	fill(img, 262, 230, 378, 250, tyre)

	plate, ink, shown := blue, white, s.Plate
	if shown[0] < 0x80 {
		plate, ink = white, black
	} else if utf8.RuneCountInString(shown) > 7 {
		plate, ink = green, black
	}
	fill(img, 236, 262, 404, 298, white)
	fill(img, 238, 264, 402, 296, plate)
	text(img, 250, 290, 2, ink, shown)
}

func fill(img *image.RGBA, x0, y0, x1, y1 int, c color.RGBA) {
	draw.Draw(img, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
}

// text writes s with its baseline at y, each dot scale dots wide and high. A
// province of a Chinese plate is drawn by glyph.
func text(img *image.RGBA, x, y, scale int, c color.RGBA, s string) {
	const advance, ascent, size = 7, 11, 16
	for _, r := range s {
		small := image.NewAlpha(image.Rect(0, 0, size, size))
		step, up := advance, ascent
		if dots, ok := glyphs[r]; ok {
			stamp(small, dots)
			step, up = size+1, size-3
		} else {
			(&font.Drawer{Dst: small, Src: image.White, Face: basicfont.Face7x13, Dot: fixed.P(0, ascent)}).DrawString(string(r))
		}
		for dy := range size {
			for dx := range size {
				if small.AlphaAt(dx, dy).A > 0 {
					fill(img, x+dx*scale, y+(dy-up)*scale, x+(dx+1)*scale, y+(dy-up+1)*scale, c)
				}
			}
		}
		x += step * scale
	}
}
