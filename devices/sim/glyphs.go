package sim

import (
	"image"
	"image/color"
)

// glyphs are the provinces of the plates, which the built-in font lacks, in 16
// rows of dots.
var glyphs = map[rune][16]string{
	'粤': {
		".......##.......",
		"..############..",
		"..#....##....#..",
		"..#.#..##..#.#..",
		"..#..#.##.#..#..",
		"..#.########.#..",
		"..#...####...#..",
		"..#..#.##.#..#..",
		"..#.#..##..#.#..",
		"..#....##....#..",
		"..############..",
		"................",
		"################",
		"....##..........",
		"....#########...",
		".........###....",
	},
}

func stamp(img *image.Alpha, dots [16]string) {
	for y, row := range dots {
		for x, dot := range row {
			if dot == '#' {
				img.SetAlpha(x, y, color.Alpha{A: 0xff})
			}
		}
	}
}
