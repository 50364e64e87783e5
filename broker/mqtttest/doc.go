// Package mqtttest is a conformance suite for MQTT servers: one test for every
// numbered normative statement of MQTT 3.1.1 and 5.0 (OASIS) that a server can be
// held to. The tests are named by the statement, as TestMQTT311_3_1_2_24 and
// TestMQTT5_3_1_2_24 for MQTT-3.1.2-24, because the two standards use the same
// numbers for different statements.
//
// It has no code of its own but tests. They run against the broker of this module,
// or against any other that lets everybody in and may do everything:
//
//	go test ./broker/mqtttest -broker 127.0.0.1:1883
//
// A test that needs a server with particular limits or rights has to make that
// server itself and is skipped there.
//
// The client in it (peer) is written against the standard and not with
// broker/packet, so that a mistake of the codec is not made here again.
//
// The list of statements is statements.txt. A test writes broker/CONFORMANCE.md
// from it and from the tests that there are, and fails if a statement has none:
//
//	go test ./broker/mqtttest -run TestEveryStatementHasATest -update
package mqtttest
