package mqtttest

import (
	"fmt"
	"testing"
)

// TestMQTT311_4_3_1_1: a message at QoS 0 is sent with QoS 0 and DUP 0, once.
func TestMQTT311_4_3_1_1(t *testing.T) {
	t.Parallel()
	sentOnce(t, 4)
}

// parts runs the parts of what a statement demands, each with names of its own.
func parts(t *testing.T, list ...func(t *testing.T)) {
	t.Helper()
	for k, f := range list {
		t.Run(fmt.Sprint("part ", k+1), func(t *testing.T) {
			t.Parallel()
			f(t)
		})
	}
}

// TestMQTT311_4_3_2_1: a message that the server sends at QoS 1 has an identifier
// that is free, at first DUP 0, and is open until its PUBACK.
func TestMQTT311_4_3_2_1(t *testing.T) {
	t.Parallel()
	parts(t,
		func(t *testing.T) { usesFreeIdentifiers(t, 4, 1) },
		func(t *testing.T) { firstWithoutDup(t, 4, 1) },
		func(t *testing.T) { openUntilAcknowledged(t, 4, 1) })
}

// TestMQTT311_4_3_2_2: a message that comes at QoS 1 is the server's when it has
// answered with PUBACK; after that the same identifier is that of a new message.
func TestMQTT311_4_3_2_2(t *testing.T) {
	t.Parallel()
	parts(t,
		func(t *testing.T) { ownedWhenAcknowledged(t, 4, 1) },
		func(t *testing.T) { newAfterAcknowledgement(t, 4, 1) })
}

// TestMQTT311_4_3_3_1: a message that the server sends at QoS 2 has an identifier
// that is free, at first DUP 0, and is open until PUBREC; then PUBREL is open until
// PUBCOMP, and the message is not sent again.
func TestMQTT311_4_3_3_1(t *testing.T) {
	t.Parallel()
	parts(t,
		func(t *testing.T) { usesFreeIdentifiers(t, 4, 2) },
		func(t *testing.T) { firstWithoutDup(t, 4, 2) },
		func(t *testing.T) { openUntilAcknowledged(t, 4, 2) },
		func(t *testing.T) { releasedWhenReceived(t, 4) },
		func(t *testing.T) { releasedUntilCompleted(t, 4) })
}

// TestMQTT311_4_3_3_2: a message that comes at QoS 2 is answered with PUBREC, which
// makes it the server's, each time it comes before PUBREL; it is delivered once;
// PUBREL is answered with PUBCOMP, and then the identifier is free.
func TestMQTT311_4_3_3_2(t *testing.T) {
	t.Parallel()
	parts(t,
		func(t *testing.T) { ownedWhenAcknowledged(t, 4, 2) },
		func(t *testing.T) { repeatedOnce(t, 4) },
		func(t *testing.T) { completedWhenReleased(t, 4) },
		func(t *testing.T) { newAfterAcknowledgement(t, 4, 2) })
}

// TestMQTT311_4_4_0_1: when a session is resumed, messages and PUBRELs that are open
// are sent again with their identifiers.
func TestMQTT311_4_4_0_1(t *testing.T) {
	t.Parallel()
	sentAgainOnResumeOnly(t, 4)
}

// TestMQTT311_4_5_0_1: a message that the server has taken is given to each session
// with a matching subscription, whether or not its client is there.
func TestMQTT311_4_5_0_1(t *testing.T) {
	t.Parallel()
	everyMatchingSessionGets(t, 4)
}
