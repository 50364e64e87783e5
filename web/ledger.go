package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/feed"
	"gatehouse/devices/ledger"
)

// Ledger has the billing events; ledger.Ledger is one.
type Ledger interface {
	Query(ctx context.Context, q ledger.Query) (ledger.Page, error)
	Export(ctx context.Context, q ledger.Query) ([]ledger.Entry, error)
	Takings(ctx context.Context, q ledger.Query, in func(devices.SiteID) *time.Location) ([]ledger.Taking, error)
}

// LedgerEntry is one row. Amounts are minor units of the currency.
type LedgerEntry struct {
	ID         int64            `json:"id"`
	Device     devices.DeviceID `json:"device"`
	DeviceName string           `json:"deviceName"`
	EventID    devices.EventID  `json:"eventId"`
	Site       devices.SiteID   `json:"site"`
	Zone       devices.ZoneID   `json:"zone"`
	Seq        int64            `json:"seq"`
	Amount     int64            `json:"amount" doc:"in minor units of the currency"`
	Currency   string           `json:"currency" doc:"ISO 4217"`
	For        string           `json:"for"`
	Passage    devices.EventID  `json:"passage" doc:"event id of the passage it belongs to; empty if none"`
	Corrects   devices.EventID  `json:"corrects" doc:"event id of the row that this one corrects; empty if none"`
	DeviceTime time.Time        `json:"deviceTime"`
	ArrivedAt  time.Time        `json:"arrivedAt"`
}

// LedgerPage is a page of rows with the sums of the whole selection.
type LedgerPage struct {
	Entries []LedgerEntry `json:"entries"`
	Rows    int64         `json:"rows" doc:"of the whole selection"`
	Totals  []feed.Money  `json:"totals" doc:"of the whole selection, one per currency"`
}

type ledgerRequest struct {
	LedgerSelection
	LedgerOrder
	Before int64 `query:"before" minimum:"0" doc:"rows that follow the one with this id; by amount and lane it must be one of the selection"`
	Limit  int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) ledgerRoutes(a *api) {
	s.ledgerSumRoutes(a)
	add(a, operation(http.MethodGet, "/ledger", "listLedger", "ledger", "Rows of the ledger and their sums", 200),
		func(ctx context.Context, i *ledgerRequest) (*out[LedgerPage], error) {
			q := i.query(ctx)
			q.Order, q.Before, q.Limit = i.Sort, i.Before, i.Limit
			page, err := s.deps.Ledger.Query(ctx, q)
			if err != nil {
				return nil, err
			}
			return &out[LedgerPage]{LedgerPage{
				Entries: each(page.Entries, func(e ledger.Entry) LedgerEntry { return s.ledgerEntry(ctx, e) }),
				Rows:    page.Rows,
				Totals:  each(page.Totals, func(m ledger.Money) feed.Money { return feed.Money(m) }),
			}}, nil
		})
}

func (s *Server) ledgerEntry(ctx context.Context, e ledger.Entry) LedgerEntry {
	return LedgerEntry{
		ID: e.ID, Device: e.Device, DeviceName: s.named(ctx, e.Device).Name, EventID: e.EventID, Site: e.Site, Zone: e.Zone,
		Seq: e.Seq, Amount: e.Amount.Amount, Currency: e.Amount.Currency, For: e.For, Passage: e.Passage,
		Corrects: e.Corrects, DeviceTime: instant(e.DeviceTime), ArrivedAt: instant(e.ArrivedAt),
	}
}
