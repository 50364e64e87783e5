package main

import (
	"gatehouse/broker"
	"gatehouse/broker/packet"
	"gatehouse/devices/bans"
)

// shutOut disconnects whom a new ban is about; a client of MQTT 5 hears 0x98,
// administrative action (0x8A, banned, is for a CONNACK only: MQTT 5.0, table 3-10).
// Recheck cuts them: what waits to be written to them, an order to open, say, is thrown
// away, and nothing more of them is taken. Whoever is let in at this moment is cut when its
// session is made: its grant is not valid any more.
func shutOut(b *broker.Broker, ban bans.Ban) {
	identities := map[string]bool{}
	if ban.Kind == bans.ByUsername {
		identities[deviceIdentity(ban.Value)], identities[integratorIdentity(ban.Value)] = true, true
	} else {
		for _, c := range b.Clients() {
			if c.Connected && ban.Matches(bans.ClientOf(string(c.Client), "", c.Remote)) {
				identities[c.Identity] = true
			}
		}
	}
	for identity := range identities {
		b.Recheck(identity)
	}
	if ban.Kind == bans.ByClient { // its identifier may have been the broker's to give: nobody had asked for it
		b.Kick(broker.ClientID(ban.Value), packet.AdministrativeAction)
	}
}
