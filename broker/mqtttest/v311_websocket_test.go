package mqtttest

import "testing"

// TestMQTT311_6_0_0_1: packets are in binary frames: those of the server are, and
// another frame of a client closes the connection.
func TestMQTT311_6_0_0_1(t *testing.T) {
	t.Parallel()
	binaryOnly(t, 4)
}

// TestMQTT311_6_0_0_2: packets may share frames and span them.
func TestMQTT311_6_0_0_2(t *testing.T) {
	t.Parallel()
	framesDoNotMatter(t, 4)
}

// TestMQTT311_6_0_0_3: a client that does not offer the subprotocol mqtt is not
// served.
func TestMQTT311_6_0_0_3(t *testing.T) {
	t.Parallel()
	mqttIsOffered(t)
}

// TestMQTT311_6_0_0_4: the subprotocol that the server names is mqtt.
func TestMQTT311_6_0_0_4(t *testing.T) {
	t.Parallel()
	mqttIsChosen(t)
}
