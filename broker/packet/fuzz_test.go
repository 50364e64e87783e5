package packet

import "testing"

func FuzzDecode311(f *testing.F) { fuzz(f, V311) }

func FuzzDecode5(f *testing.F) { fuzz(f, V5) }

func fuzz(f *testing.F, v Version) {
	for _, tt := range templates() {
		if tt.v == v {
			f.Add(tt.c.append(v))
		}
	}
	f.Fuzz(func(t *testing.T, buf []byte) { mustAnswer(t, v, buf) })
}
