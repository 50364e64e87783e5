package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/devices"
)

// BrokerClients has the clients of the MQTT broker; cmd/server joins one to it.
type BrokerClients interface {
	Clients() []BrokerClient
	Client(id string) (BrokerClientDetail, error)
	// Kick ends a client's connection, after it was written into the audit trail.
	Kick(ctx context.Context, by devices.Actor, id string, reason KickReason) error
}

// BrokerClient is a session of the broker, with its connection if there is one.
type BrokerClient struct {
	Client     string     `json:"client" doc:"the client identifier"`
	Identity   string     `json:"identity" doc:"whom its credential belongs to" example:"device:0198c5a2-…"`
	DeviceName string     `json:"deviceName" doc:"of the device that it is; empty: it is none"`
	Address    string     `json:"address" doc:"of the present connection; empty while absent"`
	Listener   string     `json:"listener" doc:"through which it came; empty: the only one of its kind, or absent"`
	Protocol   string     `json:"protocol" doc:"the version of MQTT: 3.1, 3.1.1 or 5.0"`
	Connected  bool       `json:"connected"`
	Since      *time.Time `json:"since" doc:"of the connection or, absent, of its end; null: not known"`
	Cause      string     `json:"cause" doc:"why the last connection ended; empty: not known, or none has"`
	KeepAlive  int64      `json:"keepAliveSeconds" doc:"the longest silence that the client promised; 0: none, or absent"`
	Filters    int        `json:"filters" doc:"that it subscribed to"`
	Queued     int        `json:"queued" doc:"messages that wait to be sent"`
	InFlight   int        `json:"inFlight" doc:"messages sent and not yet acknowledged"`
	Dropped    uint64     `json:"dropped" doc:"messages that it did not get since the server knows the session"`
	TakeOvers  int        `json:"takeOvers" doc:"how often its connection was taken over by another one, without half a minute of peace"`
	Contested  bool       `json:"contested" doc:"two programs fight over its identifier: each ends the other's connection"`
}

// BrokerClientList is one page of the clients.
type BrokerClientList struct {
	Clients   []BrokerClient `json:"clients"`
	Matching  int            `json:"matching" doc:"clients that the filters let through"`
	Connected int            `json:"connected" doc:"of all sessions"`
	Sessions  int            `json:"sessions"`
}

// BrokerClientDetail is a client and what it receives.
type BrokerClientDetail struct {
	Client        BrokerClient         `json:"client"`
	SessionExpiry *int64               `json:"sessionExpirySeconds" doc:"how long the session outlives its connection; null: without an end of its own"`
	Subscriptions []BrokerSubscription `json:"subscriptions"`
}

// BrokerSubscription is a filter that a client receives messages for.
type BrokerSubscription struct {
	Filter            string `json:"filter"`
	QoS               int    `json:"qos" doc:"0, 1 or 2: at most"`
	NoLocal           bool   `json:"noLocal"`
	RetainAsPublished bool   `json:"retainAsPublished"`
	RetainHandling    int    `json:"retainHandling"`
	Identifier        uint32 `json:"identifier" doc:"that the client gave it; 0: none"`
	Attached          bool   `json:"attached" doc:"by the server, not by the client"`
}

// KickReason is what a client of MQTT 5 is told when it is kicked.
type KickReason string

// The reasons for a kick.
const (
	KickAdministrative KickReason = "administrative_action"
	KickNotAuthorized  KickReason = "not_authorized"
	KickServerBusy     KickReason = "server_busy"
	KickQuota          KickReason = "quota_exceeded"
	KickRate           KickReason = "message_rate_too_high"
)

// Kick is the order to end a client's connection.
type Kick struct {
	Reason KickReason `json:"reason" enum:"administrative_action,not_authorized,server_busy,quota_exceeded,message_rate_too_high" doc:"what a client of MQTT 5 is told"`
}

type brokerClientsRequest struct {
	Text   string `query:"text" maxLength:"200" doc:"part of client, identity, address or device name; case does not matter"`
	State  string `query:"state" enum:"connected,absent" doc:"left out: both"`
	Sort   string `query:"sort" enum:"client,identity,address,since,queued,inFlight,dropped,takeOvers" default:"client"`
	Order  string `query:"order" enum:"asc,desc" default:"asc"`
	Offset int    `query:"offset" minimum:"0" default:"0"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type brokerClientRequest struct {
	Client string `path:"client" minLength:"1"`
}

type kickRequest struct {
	Client string `path:"client" minLength:"1"`
	Body   Kick
}

func (s *Server) brokerClientRoutes(a *api) {
	add(a, operation(http.MethodGet, "/broker/clients", "listBrokerClients", "broker", "Clients of the MQTT broker", 200),
		func(_ context.Context, i *brokerClientsRequest) (*out[BrokerClientList], error) {
			return &out[BrokerClientList]{i.page(s.deps.BrokerClients.Clients())}, nil
		})
	add(a, operation(http.MethodGet, "/broker/clients/{client}", "getBrokerClient", "broker", "A client and what it receives", 200),
		func(_ context.Context, i *brokerClientRequest) (*out[BrokerClientDetail], error) {
			d, err := s.deps.BrokerClients.Client(i.Client)
			return &out[BrokerClientDetail]{d}, err
		})
	add(a, operation(http.MethodPost, "/broker/clients/{client}/kick", "kickBrokerClient", "broker", "End a client's connection; it may come back", 204),
		func(ctx context.Context, i *kickRequest) (*none, error) {
			return nil, s.deps.BrokerClients.Kick(ctx, actor(ctx), i.Client, i.Body.Reason)
		})
}

// page selects, sorts and cuts what was asked for.
func (i *brokerClientsRequest) page(all []BrokerClient) BrokerClientList {
	list := BrokerClientList{Sessions: len(all), Clients: []BrokerClient{}}
	text := strings.ToLower(i.Text)
	var found []BrokerClient
	for _, c := range all {
		if c.Connected {
			list.Connected++
		}
		if (i.State == "" || c.Connected == (i.State == "connected")) && c.has(text) {
			found = append(found, c)
		}
	}
	list.Matching = len(found)
	slices.SortFunc(found, func(x, y BrokerClient) int {
		by := compareClients(i.Sort, x, y)
		if i.Order == "desc" {
			by = -by
		}
		return cmp.Or(by, cmp.Compare(x.Client, y.Client))
	})
	from := min(i.Offset, len(found))
	list.Clients = append(list.Clients, found[from:min(from+i.Limit, len(found))]...)
	return list
}

// has says whether the text, in lower case, is part of what people know a client by.
func (c BrokerClient) has(text string) bool {
	return slices.ContainsFunc([]string{c.Client, c.Identity, c.Address, c.DeviceName}, func(s string) bool {
		return strings.Contains(strings.ToLower(s), text)
	})
}

func compareClients(by string, x, y BrokerClient) int {
	switch by {
	case "identity":
		return cmp.Or(cmp.Compare(x.DeviceName, y.DeviceName), cmp.Compare(x.Identity, y.Identity))
	case "address":
		return cmp.Compare(x.Address, y.Address)
	case "since":
		return since(x).Compare(since(y))
	case "queued":
		return cmp.Compare(x.Queued, y.Queued)
	case "inFlight":
		return cmp.Compare(x.InFlight, y.InFlight)
	case "dropped":
		return cmp.Compare(x.Dropped, y.Dropped)
	case "takeOvers":
		return cmp.Compare(x.TakeOvers, y.TakeOvers)
	}
	return cmp.Compare(x.Client, y.Client)
}

// since is the zero time where it is not known.
func since(c BrokerClient) (t time.Time) {
	if c.Since != nil {
		t = *c.Since
	}
	return t
}
