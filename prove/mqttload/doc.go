// Command mqttload puts an MQTT broker under load and says what that cost: of any
// broker on this machine, so that brokers can be compared in one run. It knows
// nothing of this module's broker and reads the standard for itself.
//
//	go run ./prove/mqttload flow -address 127.0.0.1:1883 -pid PID -pubs 50 -qos 1
//	go run ./prove/mqttload -help
//
// What it promises:
//
//   - Every message has a publisher and a number. What was lost, came twice or came
//     out of its publisher's order is counted and printed, never hidden: a broker
//     that is fast because it drops messages is seen to drop them.
//   - A run ends: by its count, and at the latest after -limit.
//   - It only ever talks to this machine.
//   - The cost of the broker is the CPU time that the kernel gave to its threads
//     and the memory that it holds (Linux), from outside.
//
// Each run prints one line for people on standard error and the same as one line
// of JSON on standard output.
package main
