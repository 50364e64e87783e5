package property

import (
	"strings"
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

func (k ticket) options() mqtt.Options {
	return mqtt.Options{Timeout: served.Patience, ReadBuffer: 1 << 16, Connect: mqtt.Connect{
		Version: mqtt.V5, ClientID: k.ClientID, User: k.Username, Password: k.Password,
	}}
}

func (k ticket) connect(address string) (*mqtt.Conn, error) { return mqtt.Dial(address, k.options()) }

// console reads the feed as somebody's console does, until the test ends or the
// connection is cut.
func (h *House) console(t *testing.T, of *Staff) *watcher {
	t.Helper()
	k := of.ticket()
	c, err := k.connect(h.MQTT())
	if err != nil {
		t.Fatal(err)
	}
	return watching(t, c, k.Filters...)
}

// browser is console over a WebSocket, as browsers have it.
func (h *House) browser(t *testing.T, of *Staff) *watcher {
	t.Helper()
	k := of.ticket()
	url := strings.Replace(strings.TrimSuffix(h.api(), "/api/v1"), "http://", "ws://", 1) + "/mqtt"
	socket, err := mqtt.WebSocket(t.Context(), url, nil, served.Patience)
	if err != nil {
		t.Fatal(err)
	}
	c, err := mqtt.Over(socket, k.options())
	if err != nil {
		t.Fatal(err)
	}
	return watching(t, c, k.Filters...)
}
