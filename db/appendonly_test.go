package db

import (
	"context"
	"strings"
	"testing"

	"gorm.io/gorm"

	"gatehouse/devices/ledger"
)

func TestLedgerAndAuditRowsCannotBeChanged(t *testing.T) {
	t.Parallel()
	d := opened(t)
	ctx := context.Background()
	register(t, d, gate) // three audit rows
	row := ledger.Entry{
		Device: gate.ID, EventID: "b-1", Site: gate.Site, Zone: gate.Zone, Seq: 1,
		Amount: ledger.Money{Amount: 500, Currency: "CNY"}, For: "停车", DeviceTime: start, ArrivedAt: start,
	}
	_, err := d.Ledger().AddEntries(ctx, []ledger.Entry{row})
	ok(t, err)
	for _, statement := range []string{
		"UPDATE ledger SET amount = 1", "DELETE FROM ledger", "REPLACE INTO ledger SELECT * FROM ledger",
		"UPDATE audit SET verb = ''", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit",
	} {
		err := d.writer.do(ctx, normal, func(tx *gorm.DB) error { return tx.Exec(statement).Error })
		if primary(err) != sqliteConstraint {
			t.Errorf("%s: %v, want it refused", statement, err)
		}
		if err != nil && !strings.Contains(err.Error(), "never") {
			t.Errorf("%s: the reason is not told: %v", statement, err)
		}
	}
	rows, sums, err := d.Ledger().Totals(ctx, ledger.Query{})
	ok(t, err)
	if rows != 1 || len(sums) != 1 || sums[0] != row.Amount {
		t.Errorf("%d rows, sums %v", rows, sums)
	}
	trail, err := d.Devices().Audit(ctx, 0, 0)
	ok(t, err)
	if len(trail) != 3 {
		t.Errorf("%d audit rows, want 3", len(trail))
	}
}
