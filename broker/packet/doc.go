// Package packet turns the bytes of MQTT 3.1, 3.1.1 and 5.0 into structs and back.
//
// It is used by package broker for both directions and by tests as the bytes of
// a client. It is pure: no I/O, no goroutines, no state between calls.
//
// Peek reads a fixed header from a buffer and says how long the packet is, or
// that more bytes are needed, or that the packet is refused before its body has
// come. Each packet type then has a Decode method for its body and an Append
// method that writes a whole packet:
//
//	h, size, err := packet.Peek(buf, limit)
//	...
//	var p packet.Publish
//	err = p.Decode(version, h, buf[size-h.Length:size])
//	...
//	out = p.Append(out, version)
//
// What it promises:
//
//   - Total: every sequence of bytes gives a packet or an *Error that names the
//     broken statement of the standard; nothing panics and nothing is read twice.
//   - Strict: what the standard forbids to be sent is refused, wherever one packet
//     by itself shows it. What needs memory of earlier packets (packet
//     identifiers in use, alias mappings, quotas) is the connection's business.
//   - Lean: work and memory are linear in the size of the packet, and claims
//     inside a packet reserve nothing. Byte slices in a decoded packet alias the
//     body; strings are copies.
//   - What is decoded and appended again in the same version is the same packet.
package packet
