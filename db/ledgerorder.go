package db

import (
	"errors"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/ledger"
)

// ledgerOrder is an order in SQL. What it is by comes from columns of the ledger; after
// tells a row that follows another from one that does not, by what is of the other.
type ledgerOrder struct {
	by    string
	after string // of currency, amount, lane, device and id of the other, by name
}

const lane = "(SELECT name FROM devices WHERE devices.id = ledger.device)"

// ledgerOrders are those that are not by id alone.
func ledgerOrders(o ledger.Order) (order ledgerOrder, ok bool) {
	switch o {
	case ledger.Largest:
		return ledgerOrder{
			"currency, amount DESC, id DESC",
			"currency > @currency OR currency = @currency AND (amount < @amount OR amount = @amount AND id < @id)",
		}, true
	case ledger.Smallest:
		return ledgerOrder{
			"currency, amount, id DESC",
			"currency > @currency OR currency = @currency AND (amount > @amount OR amount = @amount AND id < @id)",
		}, true
	case ledger.ByLane:
		return ledgerOrder{
			lane + ", device, id DESC",
			lane + " > @lane OR " + lane + " = @lane AND (device > @device OR device = @device AND id < @id)",
		}, true
	}
	return ledgerOrder{}, false
}

// pageOf selects the rows of a query from its Before on, in its order.
func pageOf(tx *gorm.DB, q ledger.Query) (*gorm.DB, error) {
	order, ok := ledgerOrders(q.Order)
	switch {
	case !ok && q.Order == ledger.Oldest:
		order = ledgerOrder{"id", "id > @id"}
	case !ok:
		order = ledgerOrder{"id DESC", "id < @id"}
	}
	page := chosen(tx, q).Order(order.by)
	if q.Before == 0 {
		return page, nil
	}
	at := map[string]any{"id": q.Before}
	if ok {
		var err error
		if at, err = placeOf(tx, q); err != nil {
			return nil, err
		}
	}
	return page.Where("("+order.after+")", at), nil
}

// placeOf is what the row says from which a page goes on. It must be one of the
// selection.
func placeOf(tx *gorm.DB, q ledger.Query) (map[string]any, error) {
	var row struct {
		Currency, Lane, Device string
		Amount                 int64
	}
	err := chosen(tx, q).Model(&ledgerRow{}).Select("currency, amount, device, "+lane+" AS lane").Where("id = ?", q.Before).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, &devices.Error{Code: devices.Invalid, Field: "before", Message: "must be the id of a row of this selection"}
	}
	return map[string]any{"id": q.Before, "currency": row.Currency, "amount": row.Amount, "device": row.Device, "lane": row.Lane}, err
}
