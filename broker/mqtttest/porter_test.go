package mqtttest

import (
	"context"
	"testing"

	"gatehouse/broker"
	bp "gatehouse/broker/packet"
)

// porter is a doorman who knows an authentication method, "riddle": a client that
// says "in" is let in, one that says "no" is refused, and whatever else it says is
// answered with "say in".
type porter struct{ doorman }

func (porter) Begin(_ context.Context, r broker.ConnectRequest) (broker.Exchange, error) {
	if r.Method != "riddle" {
		return nil, &broker.Refusal{Reason: bp.BadAuthenticationMethod, Detail: r.Method}
	}
	if r.Identity != "" {
		return riddle{r.Identity}, nil
	}
	return riddle{r.Username}, nil
}

type riddle struct{ user string }

func (x riddle) Step(_ context.Context, data []byte) ([]byte, broker.Grant, error) {
	switch string(data) {
	case "in":
		return []byte("welcome"), right(x), nil
	case "no":
		return nil, nil, &broker.Refusal{Reason: bp.NotAuthorized, Detail: "it says no"}
	}
	return []byte("say in"), nil, nil
}

// porters gives the address of a server with a porter.
func porters(t testing.TB) string {
	t.Helper()
	return own(t, func(o *broker.Options) { o.Authorizer = porter{} })
}

// riddled is a CONNECT with the method "riddle".
func riddled(id, says string, more ...property) connect {
	return connect{id: id, props: append(properties{{authMethod, "riddle"}, {authData, says}}, more...)}
}

// answering connects a client that has been asked and has to answer with AUTH.
func answering(t testing.TB, address, id string, more ...property) (*peer, packet) {
	t.Helper()
	p := dial(t, address, 5)
	c := riddled(id, "?", more...)
	p.limit = c.props.number(maximumPacketSize, 0)
	p.write(c.encode(5))
	return p, p.want(AUTH)
}

// auth is an AUTH packet.
func auth(code byte, props ...property) []byte {
	return frame(AUTH<<4, []byte{code}, properties(props).encode())
}

// says is an AUTH packet of the method "riddle".
func says(code byte, data string) []byte {
	return auth(code, property{authMethod, "riddle"}, property{authData, data})
}

// inside connects a client that was let in by the method "riddle".
func inside(t testing.TB, address, id string) *peer {
	t.Helper()
	p, _ := open(t, address, 5, riddled(id, "in"))
	return p
}
