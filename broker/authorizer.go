package broker

import (
	"context"
	"crypto/tls"

	"gatehouse/broker/packet"
)

// Authorizer decides who may connect. It is asked once per CONNECT, outside of
// every lock, and may take its time.
type Authorizer interface {
	// Connect returns what the client may do, or an error. A *Refusal names the
	// reason code to answer with; any other error is answered with "server
	// unavailable" and logged, never with access.
	Connect(ctx context.Context, r ConnectRequest) (Grant, error)
}

// ConnectRequest is what a client showed of itself.
type ConnectRequest struct {
	Client   ClientID // empty if the client asks for an assigned one
	Username string
	Password []byte
	Version  packet.Version
	Remote   string
	Listener string               // Listener.Name of the way it came
	TLS      *tls.ConnectionState // nil on a plain listener

	// Method is the authentication method that an Exchanger is asked for, and
	// Identity, at a re-authentication, who is connected.
	Method   string
	Identity string
}

// Exchanger is an Authorizer that also knows methods of enhanced authentication
// (MQTT 5.0, section 4.12). Clients that name a method are given to Begin, and
// never to Connect. Without an Exchanger they are refused with 0x8C.
type Exchanger interface {
	Authorizer
	// Begin starts an exchange for r.Method: of a CONNECT, or of a client that is
	// connected and authenticates itself again. A method that it does not know is
	// refused with a *Refusal of BadAuthenticationMethod.
	Begin(ctx context.Context, r ConnectRequest) (Exchange, error)
}

// Exchange is one exchange with one client. Its steps come one after the other; it
// is dropped without a word when the client gives up or takes longer than
// ConnectTimeout. Errors are those of Authorizer.Connect.
type Exchange interface {
	// Step takes the authentication data that the client sent, nil if it sent none,
	// beginning with that of its CONNECT or of the AUTH that begins anew. Without a
	// Grant the answer goes to the client and another Step follows; with one the
	// exchange is done, and the answer goes with the CONNACK or the last AUTH. After
	// a re-authentication the Grant must be of the same identity: any other ends the
	// connection. answer may be nil; it has at most 65,535 bytes.
	Step(ctx context.Context, data []byte) (answer []byte, g Grant, err error)
}

// Grant is what a connected client may do. Its methods are called on the message
// path: they must be quick, safe for concurrent use, and answer for this
// instant, so that a right that was taken away is gone at the next question. No
// lock of the broker is held while they run, but the broker may be inside of a
// call of the program (Publish, Kick, Recheck): they may not take a lock that the
// program holds while it calls the broker.
type Grant interface {
	// Identity names who is connected. A session belongs to the identity that
	// made it: no other identity is ever given it.
	Identity() string
	// Sessions is how many sessions the identity may have; 0 means no limit.
	Sessions() int
	// Valid is false once the client must not be connected any more.
	Valid() bool
	// MayPublish and MaySubscribe answer for a topic name and a filter. A filter
	// that is wider than the right is refused, never thinned out. Of a filter with
	// a prefix ($share/{group}/, $queue/, $local/) the part behind it is asked for.
	MayPublish(topic string) bool
	MaySubscribe(filter string) bool
}

// Sharer is a Grant that also says which groups a client may be a member of: who
// joins a group takes a part of the messages from its other members. With a Grant
// that is none, whoever may subscribe to the filter may do so in any group.
type Sharer interface {
	Grant
	// MayShare answers for the group of $share/{group}/{filter}; it is empty for
	// $queue/{filter}.
	MayShare(group string) bool
}

// Limiter is a Grant that also limits what a client publishes to topics that it may
// publish to; its will too.
type Limiter interface {
	Grant
	// Limit answers for bytes of a payload, and whether it is to be retained: Success,
	// NotAuthorized, or QuotaExceeded.
	Limit(size int, retain bool) packet.ReasonCode
}

// Overseer is an Authorizer that also knows the rights of those who are not
// connected. It is asked for the retained messages of an identity when the broker
// starts and at Recheck, and for wills that a broker before this one left; that of
// Options.Authorizer, for clients of every listener. Without an Overseer
// the Grant that the client has now is asked, or had last; after its session has
// ended, the last of the session that published, as long as the process lives. One
// that is not Valid any more permits nothing, and what was restored without one
// stays.
type Overseer interface {
	Authorizer
	// MayStillPublish answers for a topic that a client of an identity has published
	// to. It is called as the methods of a Grant are.
	MayStillPublish(identity string, client ClientID, topic string) bool
}

// Refusal is the error of an Authorizer that refuses a client. A Reason that is
// none of a CONNACK is sent as NotAuthorized.
type Refusal struct {
	Reason packet.ReasonCode // NotAuthorized, BadUserNameOrPassword, Banned, ClientIdentifierNotValid, QuotaExceeded
	Detail string            // for the log; never sent to the client
	Told   string            // reason string for a v5 client; nothing that helps to guess
}

// Error implements error.
func (r *Refusal) Error() string { return r.Reason.String() + ": " + r.Detail }
