package durability

import (
	"testing"

	"gatehouse/prove"
	"gatehouse/prove/mqtt"
)

// with starts brokers that have a planted bug.
func with(bug string) launch { return launch{planted: true, env: []string{"GATEHOUSE_PLANTED=" + bug}} }

func TestAnAcknowledgementBeforeTheCommitIsFound(t *testing.T) {
	t.Parallel()
	found := measureEarly(t, with("ack-before-commit"), 20)
	for _, kind := range []mqtt.Type{mqtt.PUBACK, mqtt.PUBREC, mqtt.PUBCOMP, mqtt.SUBACK} {
		if found[kind] == 0 {
			t.Errorf("no %s was found to be early", kind)
		}
	}
	prove.Record(t, "planted: acknowledgement before commit", "found", "found")
}
