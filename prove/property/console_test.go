package property

import (
	"testing"

	"gatehouse/prove/mqtt"
	"gatehouse/prove/served"
)

// ticket lets one console read the feed.
type ticket struct {
	ClientID, Username, Password string
	Filters                      []string
}

// ticket asks for one, as a console does.
func (s *Staff) ticket() (k ticket) {
	s.t.Helper()
	s.Must("POST", "/live/ticket", nil, 200, &k)
	return k
}

func (k ticket) connect(address string) (*mqtt.Conn, error) {
	return mqtt.Dial(address, mqtt.Options{Timeout: served.Patience, ReadBuffer: 1 << 16, Connect: mqtt.Connect{
		Version: mqtt.V5, ClientID: k.ClientID, User: k.Username, Password: k.Password,
	}})
}

// console reads the feed as somebody's console does, until the test ends or the
// connection is cut.
func (h *House) console(t *testing.T, of *Staff) *watcher {
	t.Helper()
	k := of.ticket()
	c, err := k.connect(h.MQTT())
	if err != nil {
		t.Fatal(err)
	}
	c.Subscribe(1, 1, k.Filters...)
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	return watching(t, c)
}
