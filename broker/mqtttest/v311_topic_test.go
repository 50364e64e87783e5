package mqtttest

import "testing"

// TestMQTT311_4_7_1_1: a topic name with a wildcard closes the connection, in
// PUBLISH and in a will.
func TestMQTT311_4_7_1_1(t *testing.T) {
	t.Parallel()
	refusesNames(t, 4, "#", "+", "a/#", "a/+", "a/+/b", "a#", "+a", "a/b+", "/+", "/#")
}

// TestMQTT311_4_7_1_2: "#" is the whole last level of a filter, and stands for the
// level above it and all below.
func TestMQTT311_4_7_1_2(t *testing.T) {
	t.Parallel()
	hashIsLast(t, 4)
}

// TestMQTT311_4_7_1_3: "+" is a whole level of a filter, and stands for one level.
func TestMQTT311_4_7_1_3(t *testing.T) {
	t.Parallel()
	plusIsALevel(t, 4)
}

// TestMQTT311_4_7_2_1: a filter that begins with a wildcard does not match a name
// that begins with "$".
func TestMQTT311_4_7_2_1(t *testing.T) {
	t.Parallel()
	dollarIsHidden(t, 4)
}

// TestMQTT311_4_7_3_1: names and filters have at least one character.
func TestMQTT311_4_7_3_1(t *testing.T) {
	t.Parallel()
	oneCharacterIsEnough(t, 4)
}

// TestMQTT311_4_7_3_2: names and filters have no U+0000.
func TestMQTT311_4_7_3_2(t *testing.T) {
	t.Parallel()
	refusesNames(t, 4, "\x00", "a\x00", "a/\x00/b")
	refusesFilters(t, 4, "\x00", "a\x00", "a/\x00/b", "#\x00", "+/\x00")
}

// TestMQTT311_4_7_3_3: names and filters have at most 65,535 bytes.
func TestMQTT311_4_7_3_3(t *testing.T) {
	t.Parallel()
	longestName(t, 4)
}

// TestMQTT311_4_7_3_4: names and filters are compared byte for byte, as they came.
func TestMQTT311_4_7_3_4(t *testing.T) {
	t.Parallel()
	nothingIsNormalised(t, 4)
}
