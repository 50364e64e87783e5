package broker

// author is who publishes: a client of an identity. Client and identity do not
// change; the grant belongs to the turn.
type author struct {
	client   ClientID
	identity string
	grant    Grant // the last that it was given; nil if that was before a restart
}

// name is the client; empty for the program.
func (a *author) name() ClientID {
	if a == nil {
		return ""
	}
	return a.client
}

// is says whether it is this client, and not the program.
func (a *author) is(client ClientID) bool { return a != nil && a.client == client }

func (a *author) record() Publisher {
	if a == nil {
		return Publisher{}
	}
	return Publisher{Client: a.client, Identity: a.identity}
}
