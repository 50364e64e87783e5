package db

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
)

// ledgerStore is ledger.Store.
type ledgerStore struct{ db *DB }

// ledgerRow is one row of ledger.
type ledgerRow struct {
	ID         int64 `gorm:"primaryKey"`
	Device     devices.DeviceID
	EventID    devices.EventID
	Site       devices.SiteID
	Zone       devices.ZoneID
	Seq        int64
	Amount     int64
	Currency   string
	For        string
	Passage    devices.EventID
	Corrects   devices.EventID
	DeviceTime stamp
	ArrivedAt  stamp
	Revision   devices.Revision
}

// TableName implements gorm's Tabler.
func (ledgerRow) TableName() string { return "ledger" }

func newLedgerRow(e ledger.Entry) ledgerRow {
	return ledgerRow{
		Device: e.Device, EventID: e.EventID, Site: e.Site, Zone: e.Zone, Seq: e.Seq,
		Amount: e.Amount.Amount, Currency: e.Amount.Currency, For: e.For, Passage: e.Passage, Corrects: e.Corrects,
		DeviceTime: stamp(e.DeviceTime), ArrivedAt: stamp(e.ArrivedAt), Revision: e.Revision,
	}
}

func (r ledgerRow) entry() ledger.Entry {
	return ledger.Entry{
		ID: r.ID, Device: r.Device, EventID: r.EventID, Site: r.Site, Zone: r.Zone, Seq: r.Seq,
		Amount: ledger.Money{Amount: r.Amount, Currency: r.Currency}, For: r.For, Passage: r.Passage, Corrects: r.Corrects,
		DeviceTime: r.DeviceTime.time(), ArrivedAt: r.ArrivedAt.time(), Revision: r.Revision,
	}
}

// AddEntries implements ledger.Store.
func (s ledgerStore) AddEntries(ctx context.Context, entries []ledger.Entry) ([]ledger.Result, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	results := make([]ledger.Result, len(entries))
	err := s.db.write(ctx, "ledger.add_entries", normal, func(tx *gorm.DB) (err error) {
		raised := make(map[devices.SiteID]devices.Revision, 1)
		for i, e := range entries {
			e.DeviceTime = e.DeviceTime.Truncate(time.Microsecond) // as it comes back
			if results[i], err = addEntry(tx, e, raised); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// addEntry inserts one row unless it is there. All new rows of a site in one
// batch share a revision: raised has those that were given.
func addEntry(tx *gorm.DB, e ledger.Entry, raised map[devices.SiteID]devices.Revision) (ledger.Result, error) {
	var old ledgerRow
	err := tx.Where("device = ? AND event_id = ?", e.Device, e.EventID).Take(&old).Error
	if err == nil {
		same := old.entry().SameContent(e)
		return ledger.Result{Existed: same, Conflict: !same, Revision: old.Revision}, nil
	}
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return ledger.Result{}, err
	}
	r, ok := raised[e.Site]
	if !ok {
		if r, err = raise(tx, e.Site); err != nil {
			return ledger.Result{}, err
		}
		raised[e.Site] = r
	}
	row := newLedgerRow(e)
	row.ID, row.Revision = 0, r
	return ledger.Result{Revision: r}, tx.Create(&row).Error
}

// Entries implements ledger.Store.
func (s ledgerStore) Entries(ctx context.Context, q ledger.Query) ([]ledger.Entry, error) {
	var rows []ledgerRow
	err := s.db.read(ctx, "ledger.entries", func(tx *gorm.DB) error {
		page, err := pageOf(tx, q)
		if err != nil {
			return err
		}
		return page.Limit(limited(q.Limit)).Find(&rows).Error
	})
	return mapped(rows, ledgerRow.entry), err
}

// Totals implements ledger.Store.
func (s ledgerStore) Totals(ctx context.Context, q ledger.Query) (rows int64, sums []ledger.Money, err error) {
	err = s.db.read(ctx, "ledger.totals", func(tx *gorm.DB) error {
		found, err := sumLedger(chosen(tx, q))
		for _, f := range found {
			rows += f.Rows
			sums = append(sums, ledger.Money{Amount: f.Amount, Currency: f.Currency})
		}
		return err
	})
	return rows, sums, err
}

// chosen selects the rows of a query.
func chosen(tx *gorm.DB, q ledger.Query) *gorm.DB {
	tx = equal(tx, "site", q.Site)
	tx = equal(tx, "device", q.Device)
	tx = within(tx, "arrived_at", q.From, q.To)
	return reaching(tx, q.Within)
}

// sum is the takings in one currency.
type sum struct {
	Currency string
	Rows     int64
	Amount   int64
}

// sumLedger adds up the selected rows, by currency.
func sumLedger(tx *gorm.DB) (sums []sum, err error) {
	err = tx.Model(&ledgerRow{}).Select("currency, count(*) AS rows, sum(amount) AS amount").
		Group("currency").Order("currency").Scan(&sums).Error
	return sums, err
}
