package broker

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker/packet"
)

func TestKeepAliveIsAsTheClientAsksIfThereIsNoBound(t *testing.T) { // MQTT-3.2.2-22
	t.Parallel()
	for _, v := range versions {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, func(o *Options) { o.Limits.MaxKeepAlive = -1 })
			quiet, slow := wire(t, h.pipe(), v), wire(t, h.pipe(), v)
			for _, a := range []*packet.Connack{quiet.mustGreet("quiet", keepAlive(0)), slow.mustGreet("slow", keepAlive(65_535))} {
				if a.Properties.ServerKeepAlive != nil {
					t.Errorf("told to use %d s", *a.Properties.ServerKeepAlive)
				}
			}
			<-time.After(65_535 * 3 / 2 * time.Second)
			slow.disconnected(packet.KeepAliveTimeout)
			<-time.After(50 * 24 * time.Hour)
			quiet.silent()
			quiet.exactlyOnce("t", "x", 1)
		})
	}
}

func TestResponseInformationIsToldToWhoAsks(t *testing.T) { // MQTT-3.1.2-28
	t.Parallel()
	ask := func(b byte) option { return func(p *packet.Connect) { p.Properties.RequestResponseInfo = &b } }
	limit := func(n uint32) option { return func(p *packet.Connect) { p.Properties.MaximumPacketSize = n } }
	replies := func(client ClientID, g Grant) string { return "replies/" + g.Identity() + "/" + string(client) }
	for name, c := range map[string]struct {
		info   func(ClientID, Grant) string
		asked  []option
		wanted string
	}{
		"asked":                 {replies, []option{ask(1), as("ann")}, "replies/ann/c"},
		"said no":               {replies, []option{ask(0), as("ann")}, ""},
		"not asked":             {replies, []option{as("ann")}, ""},
		"none to tell":          {nil, []option{ask(1)}, ""},
		"no room for it":        {replies, []option{ask(1), limit(25)}, ""},
		"not UTF-8":             {func(ClientID, Grant) string { return "\xff" }, []option{ask(1)}, ""},
		"with NUL":              {func(ClientID, Grant) string { return "a\x00b" }, []option{ask(1)}, ""},
		"longer than can be":    {func(ClientID, Grant) string { return strings.Repeat("x", 65_536) }, []option{ask(1)}, ""},
		"as long as it can get": {func(ClientID, Grant) string { return strings.Repeat("x", 65_535) }, []option{ask(1)}, strings.Repeat("x", 65_535)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(o *Options) { o.ResponseInformation = c.info })
			if got := wire(t, h.pipe(), packet.V5).mustGreet("c", c.asked...).Properties.ResponseInfo; got != c.wanted {
				t.Errorf("told %q, want %q", got, c.wanted)
			}
			wire(t, h.pipe(), packet.V311).mustGreet("old")
		})
	}
}

func TestMistakesAreExplainedToWhoWantsToKnow(t *testing.T) { // MQTT-3.1.2-29, MQTT-3.14.2-3, MQTT-3.2.2-19
	t.Parallel()
	terse := func(p *packet.Connect) { no := byte(0); p.Properties.RequestProblemInfo = &no }
	small := func(p *packet.Connect) { p.Properties.MaximumPacketSize = 30 }
	bad := &packet.Publish{Topic: "t", Properties: packet.Properties{TopicAlias: 999}}
	for name, c := range map[string]struct {
		how  []option
		want string
	}{
		"by default": {nil, "topic alias"}, "asked for none": {[]option{terse}, ""}, "no room for it": {[]option{small}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			x := h.over(packet.V5, "c", c.how...)
			x.send(bad)
			d := expect[*packet.Disconnect](x)
			said := d.Properties.ReasonString
			if d.Reason != packet.TopicAliasInvalid || !strings.Contains(said, c.want) || c.want == "" && said != "" {
				t.Errorf("DISCONNECT %v: %q", d.Reason, said)
			}
			h.rules.of("one").sessions = 1
			h.over(packet.V5, "first", as("one"))
			y := wire(t, h.pipe(), packet.V5)
			a := y.greet("second", append(c.how, as("one"))...)
			said = a.Properties.ReasonString
			if a.Reason != packet.QuotaExceeded || (c.want != "") != strings.Contains(said, "sessions") || c.want == "" && said != "" {
				t.Errorf("CONNACK %v: %q", a.Reason, said)
			}
		})
	}
}

func TestRefusalTellsWhatItIsToTellAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		refusal := &Refusal{Reason: packet.Banned, Detail: "secret", Told: "come again tomorrow\x00\n" + strings.Repeat("ä", 500)}
		h := newHouse(t, func(o *Options) {
			o.Authorizer = authorizerFunc(func(ConnectRequest) (Grant, error) { return nil, refusal })
		})
		a := wire(t, h.pipe(), v).greet("c")
		said := a.Properties.ReasonString
		if v >= packet.V5 && (a.Reason != packet.Banned || !strings.HasPrefix(said, "come again tomorrowä") || len(said) > maxWhy) {
			t.Errorf("answered %v: %q", a.Reason, said)
		}
		if v < packet.V5 && a.Reason != packet.NotAuthorized {
			t.Errorf("answered %v", a.Reason)
		}
		refusal.Reason = packet.SessionTakenOver // none of a CONNACK
		if a := wire(t, h.pipe(), v).greet("c"); a.Reason != packet.NotAuthorized {
			t.Errorf("answered %v", a.Reason)
		}
	}
}

func TestKickForAReasonThatNoDisconnectHasIsUnspecified(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	c := h.over(packet.V5, "c")
	h.b.Kick("c", packet.BadUserNameOrPassword)
	c.disconnected(packet.UnspecifiedError)
}

func TestOldestVersionAndAnyIdentifierAreWelcome(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	address := h.listen()
	for _, v := range []packet.Version{packet.V31, packet.V311, packet.V5} {
		for _, id := range []string{"a b", " ", "gate/1", "+", "#", "100%", "ворота", "$x", strings.Repeat("i", 1000)} {
			c := dialTCP(t, address, v)
			c.mustGreet(id)
			c.subscribe(1, "t/"+v.String())
			c.send(pub("t/"+v.String(), id, 1, 1))
			for range 2 { // the message and the acknowledgement
				if m, ok := c.next().(*packet.Publish); ok && string(m.Payload) != id {
					t.Errorf("%v, %q: got %q", v, id, m.Payload)
				}
			}
			c.send(&packet.Disconnect{})
			c.ended()
		}
	}
	for _, c := range []struct {
		v     packet.Version
		clean bool
		want  packet.ReasonCode
	}{
		{packet.V31, true, packet.ClientIdentifierNotValid}, {packet.V31, false, packet.ClientIdentifierNotValid},
		{packet.V311, true, packet.Success}, {packet.V311, false, packet.ClientIdentifierNotValid}, // MQTT-3.1.3-7, -8
		{packet.V5, true, packet.Success}, {packet.V5, false, packet.Success},
	} {
		x := dialTCP(t, address, c.v)
		if a := x.greet("", func(p *packet.Connect) { p.CleanStart = c.clean }); a.Reason != c.want {
			t.Errorf("%v, clean %v: answered %v, want %v", c.v, c.clean, a.Reason, c.want)
		}
	}
}
