package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"gatehouse/devices/sim"
)

// How a line behaves.
const (
	keepAlive      = 30           // s
	sessionExpiry  = 24 * 60 * 60 // s: a billing event outlives a night without power
	firstAttempt   = 50 * time.Millisecond
	nextAttempt    = time.Second
	dialTimeout    = 5 * time.Second
	subscribeLimit = 10 * time.Second
	// ackLimit is how long a message that must arrive may stay open, over lost
	// connections, before it is sent anew.
	ackLimit = time.Hour
)

var errCut = errors.New("the line was cut while connecting")

// line is the connection of one device: it is made again whenever it is lost,
// unless it is cut.
type line struct {
	device             *sim.Device
	broker             *url.URL
	username, password string
	log                *slog.Logger
	complaints         *complaints

	mu       sync.Mutex
	socket   net.Conn      // the present one, or the last
	restored chan struct{} // while cut: closed by Restore
	stopping bool
	up       bool      // the device has been told of the connection
	early    []message // what came before that

	life    context.Context // ends with Run; set by it
	session *upSession      // of the present connection; used by autopaho's goroutine only
}

// message is what came from the broker.
type message struct {
	topic   string
	payload []byte
}

// upSession is what runs for one connection.
type upSession struct {
	cancel context.CancelFunc
	told   chan struct{} // closed when nothing of it tells the device anything any more
}

func newLine(d *sim.Device, broker *url.URL, username, password string, c *complaints, log *slog.Logger) *line {
	id := d.Identity()
	return &line{
		device: d, broker: broker, username: username, password: password, complaints: c,
		log: log.With("device", id.ID, "name", id.Name),
	}
}

// Run keeps the line connected until ctx ends; then it closes the socket without
// a word.
func (l *line) Run(ctx context.Context) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	l.life = life
	manager, err := autopaho.NewConnection(life, l.config())
	if err != nil {
		return fmt.Errorf("device %s: %w", l.device.Identity().ID, err)
	}
	<-ctx.Done()
	l.mu.Lock()
	l.stopping = true
	l.mu.Unlock()
	l.hangUp()
	end()
	<-manager.Done()
	return nil
}

func (l *line) config() autopaho.ClientConfig {
	id := l.device.Identity()
	will := id.Will()
	return autopaho.ClientConfig{
		ServerUrls:            []*url.URL{l.broker},
		KeepAlive:             keepAlive,
		SessionExpiryInterval: sessionExpiry,
		ReconnectBackoff: func(attempt int) time.Duration {
			if attempt == 0 {
				return firstAttempt
			}
			return nextAttempt
		},
		ConnectUsername:         l.username,
		ConnectPassword:         []byte(l.password),
		WillMessage:             &paho.WillMessage{Topic: will.Topic, Payload: will.Payload, QoS: will.QoS, Retain: will.Retain},
		AttemptConnection:       l.dial,
		OnConnectionUp:          l.connected,
		OnConnectionDown:        l.lost,
		OnConnectError:          l.refused,
		DisconnectPacketBuilder: func() *paho.Disconnect { return nil },
		ClientConfig: paho.ClientConfig{
			ClientID:      id.ID,
			PacketTimeout: ackLimit,
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
				l.received(message{p.Packet.Topic, p.Packet.Payload})
				return true, nil
			}},
		},
	}
}

// dial waits while the line is cut, then connects.
func (l *line) dial(ctx context.Context, _ autopaho.ClientConfig, u *url.URL) (net.Conn, error) {
	l.mu.Lock()
	restored := l.restored
	l.mu.Unlock()
	if restored != nil {
		select {
		case <-restored:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var socket net.Conn
	var err error
	dialer := &net.Dialer{}
	switch u.Scheme {
	case "tls", "mqtts":
		socket, err = (&tls.Dialer{NetDialer: dialer, Config: &tls.Config{MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", u.Host)
	default:
		socket, err = dialer.DialContext(ctx, "tcp", u.Host)
	}
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.restored != nil || l.stopping {
		_ = socket.Close()
		return nil, errCut
	}
	l.socket = socket
	return packets.NewThreadSafeConn(socket), nil
}

// connected subscribes, and then tells the device that it can speak.
func (l *line) connected(m *autopaho.ConnectionManager, _ *paho.Connack) {
	ctx, cancel := context.WithCancel(l.life)
	s := &upSession{cancel: cancel, told: make(chan struct{})}
	l.session = s
	go func() {
		defer close(s.told)
		if err := l.subscribe(ctx, m); err != nil {
			if ctx.Err() == nil {
				l.log.Error("the broker does not let this device subscribe", "err", err)
				l.hangUp()
			}
			return
		}
		l.log.Debug("connected")
		l.device.Connected(&mqttLink{manager: m, life: l.life, log: l.log})
		l.deliverEarly()
	}()
}

func (l *line) subscribe(ctx context.Context, m *autopaho.ConnectionManager) error {
	ctx, cancel := context.WithTimeout(ctx, subscribeLimit)
	defer cancel()
	s := &paho.Subscribe{}
	for filter, qos := range l.device.Identity().Filters() {
		s.Subscriptions = append(s.Subscriptions, paho.SubscribeOptions{Topic: filter, QoS: qos})
	}
	_, err := m.Subscribe(ctx, s)
	return err
}

// received passes a message on, or puts it by until the device knows that it is
// connected: the broker may speak before it answers a subscription.
func (l *line) received(m message) {
	l.mu.Lock()
	if !l.up {
		l.early = append(l.early, m)
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	l.device.Receive(m.topic, m.payload)
}

func (l *line) deliverEarly() {
	for {
		l.mu.Lock()
		early := l.early
		l.early = nil
		l.up = len(early) == 0
		l.mu.Unlock()
		if len(early) == 0 {
			return
		}
		for _, m := range early {
			l.device.Receive(m.topic, m.payload)
		}
	}
}

// lost tells the device, and whether to connect again.
func (l *line) lost() bool {
	l.session.cancel()
	<-l.session.told
	l.mu.Lock()
	l.up, l.early = false, nil
	again := !l.stopping
	l.mu.Unlock()
	l.device.Disconnected()
	l.log.Debug("disconnected")
	return again
}

// refused says why there is no connection.
func (l *line) refused(err error) {
	if errors.Is(err, errCut) || errors.Is(err, context.Canceled) {
		return
	}
	l.complaints.say(l.log, err)
}

// complaints of all lines: most have the same reason, which is told once.
type complaints struct {
	mu   sync.Mutex
	last string
}

func (c *complaints) say(log *slog.Logger, err error) {
	c.mu.Lock()
	again := err.Error() == c.last
	c.last = err.Error()
	c.mu.Unlock()
	if again {
		log.Debug("no connection", "err", err)
		return
	}
	log.Warn("no connection yet; every device tries again each second", "err", err)
}

// Cut closes the socket hard and keeps the device away until Restore.
func (l *line) Cut() {
	l.mu.Lock()
	if l.restored == nil {
		l.restored = make(chan struct{})
	}
	l.mu.Unlock()
	l.hangUp()
}

// Restore lets the device connect again.
func (l *line) Restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.restored != nil {
		close(l.restored)
		l.restored = nil
	}
}

// IsCut reports whether the line is cut.
func (l *line) IsCut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.restored != nil
}

// hangUp closes the socket, if there is one.
func (l *line) hangUp() {
	l.mu.Lock()
	socket := l.socket
	l.mu.Unlock()
	if socket != nil {
		_ = socket.Close() // it may be closed already
	}
}
