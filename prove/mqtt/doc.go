// Package mqtt is a small MQTT client on raw bytes, for load generators and for
// tests that kill brokers. It is a second reading of the standard: it imports
// nothing of this module, so a mistake in the broker's codec is not made here
// again by the same line.
//
// Dial opens a connection and has CONNECT answered. After that the caller is in
// charge: it chooses packet identifiers and DUP, decides what is acknowledged and
// when, and nothing is sent that it did not ask for.
//
//	c, err := mqtt.Dial(address, mqtt.Options{Connect: mqtt.Connect{ClientID: "a"}})
//	c.Publish(mqtt.Publish{Topic: topic, QoS: 1, ID: 1, Payload: payload})
//	err = c.Flush()
//	p, err := c.Expect(mqtt.PUBACK)
//
// What it promises:
//
//   - Writing is two steps: methods that send put bytes into a buffer and cannot
//     fail; Flush gives them to the socket in one write. A crash between them is
//     the caller's choice.
//   - Reading is strict: what a server may not send to this client is an error
//     that says what was expected. Every Packet that Read returns is well-formed.
//   - Reading and writing a packet allocate nothing once the buffers have grown.
//   - One goroutine may read while another writes; two may not do the same.
//
// It speaks 3.1.1 and 5. Properties are given and taken as they lie on the wire; those
// that are received are known and whole. What is sent is not checked: whoever wants
// to send nonsense can.
package mqtt
