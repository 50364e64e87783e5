package broker

import "gatehouse/broker/packet"

// aliases are the topics that stand behind the aliases that a client has set (MQTT
// 5.0, section 3.3.2.3.4). They belong to the reader.
type aliases []string

// name puts the topic of an alias in, or remembers it.
func (a *aliases) name(p *packet.Publish, maximum uint16) error {
	alias := p.Properties.TopicAlias
	if alias == 0 {
		return nil
	}
	if alias > maximum {
		return &packet.Error{Reason: packet.TopicAliasInvalid, Clause: "MQTT-3.3.2-9", Detail: "PUBLISH: topic alias above the maximum"}
	}
	if missing := int(alias) + 1 - len(*a); missing > 0 {
		*a = append(*a, make(aliases, missing)...)
	}
	if p.Topic != "" {
		(*a)[alias] = p.Topic
		return nil
	}
	if p.Topic = (*a)[alias]; p.Topic == "" {
		return &packet.Error{Reason: packet.ProtocolError, Clause: "MQTT-3.3.2-12", Detail: "PUBLISH: topic alias was never set"}
	}
	return nil
}

// givenAliases are those that a client is given: the first topics that it is sent,
// as many as it takes (MQTT-3.1.2-26). nil is none. They belong to the turn; what
// is appended in a turn is written in that order. Letters overtake it and so have
// no aliases.
type givenAliases struct {
	maximum uint16
	of      map[string]uint16
}

// aliasWorth is the size from which a topic is longer than its alias.
const aliasWorth = 4

// give puts the alias of its topic into a message, and leaves the topic out if the
// client knows the alias already.
func (g *givenAliases) give(p *sending) (isNew bool) {
	if g == nil || len(p.m.topic) < aliasWorth {
		return false
	}
	if alias := g.of[p.m.topic]; alias != 0 {
		p.alias, p.bare = alias, true
		return false
	}
	if len(g.of) == int(g.maximum) {
		return false
	}
	if g.of == nil {
		g.of = make(map[string]uint16)
	}
	p.alias = uint16(len(g.of) + 1)
	g.of[p.m.topic] = p.alias
	return true
}

// takeBack undoes the last give, which was new and whose message was not sent.
func (g *givenAliases) takeBack(p *sending) { delete(g.of, p.m.topic) }
