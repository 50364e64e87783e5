package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/currency"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
)

// LedgerSelection says which rows of the ledger are meant.
type LedgerSelection struct {
	Site   devices.SiteID   `query:"site" maxLength:"64"`
	Device devices.DeviceID `query:"device" maxLength:"64"`
	From   time.Time        `query:"from" doc:"arrived at this time or later"`
	To     time.Time        `query:"to" doc:"arrived before this time"`
}

// LedgerOrder says how they stand.
type LedgerOrder struct {
	Sort ledger.Order `query:"sort" enum:"newest,oldest,largest,smallest,lane" default:"newest" doc:"by time, by amount (each currency by itself) or by the name of the device"`
}

func (l LedgerSelection) query(ctx context.Context) ledger.Query {
	return ledger.Query{Site: l.Site, Device: l.Device, From: l.From, To: l.To, Within: within(ctx)}
}

type ledgerFileRequest struct {
	LedgerSelection
	LedgerOrder
	Format string `query:"format" enum:"csv,xlsx" default:"csv"`
	What   string `query:"what" enum:"rows,takings" default:"rows" doc:"every row, or their sums by day, device, what for and currency"`
}

// Taking is what came in on a day at a device for one thing. Amounts are minor units of
// the currency.
type Taking struct {
	Day        string           `json:"day" doc:"of the site's calendar" example:"2026-11-21"`
	Site       devices.SiteID   `json:"site"`
	Device     devices.DeviceID `json:"device"`
	DeviceName string           `json:"deviceName"`
	For        string           `json:"for"`
	Rows       int64            `json:"rows"`
	Amount     int64            `json:"amount" doc:"in minor units of the currency, with corrections"`
	Currency   string           `json:"currency" doc:"ISO 4217"`
}

// TakingList is the takings of a selection.
type TakingList struct {
	Takings []Taking `json:"takings" doc:"the newest day first"`
}

// The columns of the files, in English as those of the list of devices. What is a number
// to add up is one in a workbook.
var (
	ledgerColumns  = []string{"row", "arrived", "arrived_site_time", "site", "device", "device_id", "event_id", "sequence", "for", "amount", "currency", "corrects", "passage"}
	ledgerNumbers  = []int{7, 9}
	takingsColumns = []string{"day", "site", "device", "device_id", "for", "rows", "amount", "currency"}
	takingsNumbers = []int{5, 6}
)

func (s *Server) ledgerSumRoutes(a *api) {
	add(a, operation(http.MethodGet, "/ledger/takings", "listTakings", "ledger", "Sums of the ledger by day, device, what for and currency; those of more than 200,000 rows are refused", 200),
		func(ctx context.Context, i *LedgerSelection) (*out[TakingList], error) {
			all, err := s.takings(ctx, i.query(ctx))
			return &out[TakingList]{TakingList{all}}, err
		})
	add(a, operation(http.MethodGet, "/ledger/export", "exportLedger", "ledger", "Rows of the ledger, or their sums, as CSV or XLSX; more than 50,000 rows, or the sums of more than 200,000, are refused", 200),
		func(ctx context.Context, i *ledgerFileRequest) (*file, error) {
			lines, numbers, err := s.ledgerLines(ctx, i)
			if err != nil {
				return nil, err
			}
			return s.tableFile("ledger-"+i.What, i.Format, "Ledger", lines, numbers...)
		})
}

func (s *Server) takings(ctx context.Context, q ledger.Query) ([]Taking, error) {
	all, err := s.deps.Ledger.Takings(ctx, q, s.clocks())
	return each(all, func(t ledger.Taking) Taking {
		return Taking{Day: t.Day, Site: t.Site, Device: t.Device, DeviceName: s.named(ctx, t.Device).Name, For: t.For, Rows: t.Rows, Amount: t.Money.Amount, Currency: t.Money.Currency}
	}), err
}

func (s *Server) ledgerLines(ctx context.Context, i *ledgerFileRequest) (lines [][]string, numbers []int, err error) {
	sites, _ := placeNames(s.deps.Live.Snapshot())
	if i.What == "takings" {
		all, err := s.takings(ctx, i.query(ctx))
		lines = append(lines, takingsColumns)
		for _, t := range all {
			lines = append(lines, []string{t.Day, sites[t.Site], t.DeviceName, string(t.Device), t.For, strconv.FormatInt(t.Rows, 10), amountText(t.Amount, t.Currency), t.Currency})
		}
		return lines, takingsNumbers, err
	}
	q := i.query(ctx)
	q.Order = i.Sort
	all, err := s.deps.Ledger.Export(ctx, q)
	clock := s.clocks()
	lines = append(lines, ledgerColumns)
	for _, e := range all {
		lines = append(lines, []string{
			strconv.FormatInt(e.ID, 10), e.ArrivedAt.UTC().Format("2006-01-02T15:04:05.000Z"), e.ArrivedAt.In(clock(e.Site)).Format(time.DateTime),
			sites[e.Site], s.named(ctx, e.Device).Name, string(e.Device), string(e.EventID), strconv.FormatInt(e.Seq, 10),
			e.For, amountText(e.Amount.Amount, e.Amount.Currency), e.Amount.Currency, string(e.Corrects), string(e.Passage),
		})
	}
	return lines, ledgerNumbers, err
}

// clocks says in which time zone a site is; UTC for one that is not known.
func (s *Server) clocks() func(devices.SiteID) *time.Location {
	known := map[devices.SiteID]*time.Location{}
	for _, site := range s.deps.Live.Snapshot().Sites {
		if clock, err := time.LoadLocation(site.TimeZone); err == nil {
			known[site.ID] = clock
		}
	}
	return func(id devices.SiteID) *time.Location {
		if clock := known[id]; clock != nil {
			return clock
		}
		return time.UTC
	}
}

// amountText is an amount in its currency's own units: 1500 fen are 15.00. Of a currency
// that is not known the minor units are two digits, as of nearly all.
func amountText(minor int64, code string) string {
	digits := 2
	if unit, err := currency.ParseISO(code); err == nil {
		digits, _ = currency.Standard.Rounding(unit)
	}
	sign := ""
	if minor < 0 {
		sign = "-"
	}
	text := strings.TrimPrefix(strconv.FormatInt(minor, 10), "-")
	if digits == 0 {
		return sign + text
	}
	text = fmt.Sprintf("%0*s", digits+1, text)
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}
