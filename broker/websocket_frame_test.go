package broker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/gobwas/ws"
	"pgregory.net/rapid"

	"gatehouse/broker/packet"
)

// clientFrame encodes a masked frame as a client sends it.
func clientFrame(op ws.OpCode, fin bool, payload []byte) []byte {
	f := ws.NewFrame(op, fin, append([]byte(nil), payload...))
	return ws.MustCompileFrame(ws.MaskFrameInPlace(f))
}

// deframeAll feeds a stream in pieces of at most chunk bytes.
func deframeAll(d *deframer, stream []byte, chunk int) (data []byte, err error) {
	for len(stream) > 0 && err == nil && d.close == nil {
		p := append([]byte(nil), stream[:min(chunk, len(stream))]...)
		stream = stream[len(p):]
		var n int
		n, err = d.feed(p)
		data = append(data, p[:n]...)
	}
	return data, err
}

func TestFramesAreAByteStreamHoweverTheyAreCut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var stream, want []byte
		for range rapid.IntRange(1, 6).Draw(t, "messages") {
			op := ws.OpBinary
			parts := rapid.IntRange(1, 4).Draw(t, "fragments")
			for i := range parts {
				payload := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "payload")
				if rapid.IntRange(0, 30).Draw(t, "large") == 0 {
					payload = bytes.Repeat([]byte("0123456789"), 7000)
				}
				stream = append(stream, clientFrame(op, i == parts-1, payload)...)
				want = append(want, payload...)
				op = ws.OpContinuation
				if rapid.Bool().Draw(t, "ping between") {
					stream = append(stream, clientFrame(ws.OpPing, true, []byte("are you there"))...)
				}
			}
		}
		var d deframer
		got, err := deframeAll(&d, stream, rapid.SampledFrom([]int{1, 2, 7, 64, 1 << 20}).Draw(t, "chunk"))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v: got %d bytes, want %d", err, len(got), len(want))
		}
		if d.left != 0 || d.have != 0 || d.fragmented {
			t.Fatal("not between two messages at the end")
		}
	})
}

func TestForbiddenFramesAreRefusedWithTheirCloseCode(t *testing.T) {
	t.Parallel()
	unmasked := ws.MustCompileFrame(ws.NewBinaryFrame([]byte("x")))
	join := func(frames ...[]byte) []byte { return bytes.Join(frames, nil) }
	tests := []struct {
		name   string
		stream []byte
		code   ws.StatusCode
	}{
		{"text", clientFrame(ws.OpText, true, []byte("x")), ws.StatusUnsupportedData},
		{"text inside a message", join(clientFrame(ws.OpBinary, false, nil), clientFrame(ws.OpText, true, nil)), ws.StatusUnsupportedData},
		{"not masked", unmasked, ws.StatusProtocolError},
		{"reserved bit, as compression sets it", []byte{0xC2, 0x80}, ws.StatusProtocolError},
		{"reserved data opcode", []byte{0x83, 0x80}, ws.StatusProtocolError},
		{"reserved control opcode", []byte{0x8B, 0x80}, ws.StatusProtocolError},
		{"ping of 126 bytes", []byte{0x89, 0xFE}, ws.StatusProtocolError},
		{"ping of a 64-bit length", []byte{0x89, 0xFF}, ws.StatusProtocolError},
		{"fragmented ping", []byte{0x09, 0x80}, ws.StatusProtocolError},
		{"continuation of nothing", clientFrame(ws.OpContinuation, true, nil), ws.StatusProtocolError},
		{"message inside a message", join(clientFrame(ws.OpBinary, false, nil), clientFrame(ws.OpBinary, true, nil)), ws.StatusProtocolError},
		{"padded 16-bit length", []byte{0x82, 0xFE, 0, 125, 1, 2, 3, 4}, ws.StatusProtocolError},
		{"padded 64-bit length", []byte{0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4}, ws.StatusProtocolError},
		{"64-bit length with its first bit", []byte{0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}, ws.StatusProtocolError},
		{"close of one byte", clientFrame(ws.OpClose, true, []byte{3}), ws.StatusProtocolError},
		{"close with a reserved code", clientFrame(ws.OpClose, true, []byte{3, 0xEE}), ws.StatusProtocolError},
		{"close with bad text", clientFrame(ws.OpClose, true, []byte{3, 0xE8, 0xFF}), ws.StatusProtocolError},
	}
	for _, tt := range tests {
		for _, chunk := range []int{1, 1 << 20} {
			var d deframer
			good := clientFrame(ws.OpBinary, true, []byte("good"))
			data, err := deframeAll(&d, append(good, tt.stream...), chunk)
			var e *packet.Error
			if !errors.As(err, &e) || e.Reason != packet.ProtocolError || statusOf(err) != tt.code {
				t.Errorf("%s: got %v", tt.name, err)
			}
			if string(data) != "good" {
				t.Errorf("%s: what came before is lost: %q", tt.name, data)
			}
		}
	}
}

func TestClaimedLengthReservesNothing(t *testing.T) {
	head := binary.BigEndian.AppendUint64([]byte{0x82, 0xFF}, 1<<62)
	head = append(head, 1, 2, 3, 4)
	buf := make([]byte, 64)
	n := testing.AllocsPerRun(10, func() {
		var d deframer
		k := copy(buf, head)
		if n, err := d.feed(buf); err != nil || n != len(buf)-k {
			t.Error(n, err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzWebSocketFrames(f *testing.F) {
	f.Add(clientFrame(ws.OpBinary, true, []byte("x")), 1)
	f.Add(clientFrame(ws.OpBinary, false, bytes.Repeat([]byte("x"), 200)), 3)
	f.Add(clientFrame(ws.OpPing, true, []byte("x")), 2)
	f.Add(clientFrame(ws.OpClose, true, []byte{3, 0xE8}), 100)
	f.Add([]byte{0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4, 5}, 4)
	f.Fuzz(func(t *testing.T, stream []byte, chunk int) {
		var whole, cut deframer
		a, errA := deframeAll(&whole, stream, len(stream)+1)
		b, errB := deframeAll(&cut, stream, 1+(chunk&0xFF))
		if !bytes.Equal(a, b) || (errA == nil) != (errB == nil) {
			t.Fatalf("the cut matters: %q %v, %q %v", a, errA, b, errB)
		}
		if len(a) > len(stream) || len(whole.control) > 125 {
			t.Fatal("more came out than went in")
		}
	})
}
