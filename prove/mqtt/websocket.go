package mqtt

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// WebSocket opens a WebSocket for MQTT, at ws://… or wss://…, and gives the bytes in its
// frames, for Over.
func WebSocket(ctx context.Context, url string, c *tls.Config, timeout time.Duration) (net.Conn, error) {
	d := ws.Dialer{Protocols: []string{"mqtt"}, TLSConfig: c, Timeout: timeout}
	socket, _, _, err := d.Dial(ctx, url)
	if err != nil {
		return nil, err
	}
	return &inFrames{Conn: socket}, nil
}

type inFrames struct {
	net.Conn
	rest []byte // of the frame that is being read
}

// Write implements net.Conn: a frame for each call.
func (f *inFrames) Write(p []byte) (int, error) { return len(p), wsutil.WriteClientBinary(f.Conn, p) }

// Read implements net.Conn.
func (f *inFrames) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		data, err := wsutil.ReadServerBinary(f.Conn)
		if err != nil {
			return 0, err
		}
		f.rest = data
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}
