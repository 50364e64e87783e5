package packet

import "testing"

func benchPublish() Publish {
	return Publish{QoS: 1, ID: 1, Topic: "gatehouse/v1/devices/site/device/state", Payload: make([]byte, 128)}
}

func BenchmarkPublishDecode(b *testing.B) {
	for _, v := range []Version{V311, V5} {
		b.Run(v.String(), func(b *testing.B) {
			p := benchPublish()
			frame := p.Append(nil, v)
			b.ReportAllocs()
			for b.Loop() {
				h, size, err := Peek(frame, 1<<20)
				if err != nil {
					b.Fatal(err)
				}
				if err := p.Decode(v, h, frame[size-h.Length:size]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPublishDecodeProperties(b *testing.B) {
	p := benchPublish()
	p.Properties = Properties{MessageExpiry: ptr(uint32(5)), ResponseTopic: "a/b", CorrelationData: []byte("id"),
		User: []UserProperty{{"k", "v"}}}
	frame := p.Append(nil, V5)
	b.ReportAllocs()
	for b.Loop() {
		h, size, err := Peek(frame, 0)
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Decode(V5, h, frame[size-h.Length:size]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPublishAppend(b *testing.B) {
	for _, v := range []Version{V311, V5} {
		b.Run(v.String(), func(b *testing.B) {
			p := benchPublish()
			out := make([]byte, 0, 512)
			b.ReportAllocs()
			for b.Loop() {
				out = p.Append(out[:0], v)
			}
		})
	}
}

func BenchmarkAckDecode(b *testing.B) {
	for _, v := range []Version{V311, V5} {
		b.Run(v.String(), func(b *testing.B) {
			a := Ack{Type: PUBREC, ID: 1}
			frame := a.Append(nil, v)
			b.ReportAllocs()
			for b.Loop() {
				h, size, err := Peek(frame, 1<<20)
				if err != nil {
					b.Fatal(err)
				}
				if err := a.Decode(v, h, frame[size-h.Length:size]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAckAppend(b *testing.B) {
	for _, v := range []Version{V311, V5} {
		b.Run(v.String(), func(b *testing.B) {
			a := Ack{Type: PUBACK, ID: 1}
			out := make([]byte, 0, 16)
			b.ReportAllocs()
			for b.Loop() {
				out = a.Append(out[:0], v)
			}
		})
	}
}
