package db

import (
	"database/sql"

	"gorm.io/gorm"

	"gatehouse/devices"
)

// olderBatch is how many rows are put into the chain at once.
const olderBatch = 1000

// chainOlder is what SQL cannot say of step 0017_audit_chain: the rows that are there get
// their place in the chain, and what they say of people is sealed. It knows the tables as
// that step leaves them; a later step that changes audit has to give it its own
// addRow and sealedRow.
func chainOlder(tx *gorm.DB) error {
	for after := int64(0); ; {
		found, err := olderRows(tx, after)
		if err != nil {
			return err
		}
		for _, r := range found {
			if err := audit(tx, r.AuditEntry); err != nil {
				return olderError(err)
			}
			after = r.ID
		}
		if len(found) < olderBatch {
			return tx.Exec("DROP TABLE audit_unchained").Error
		}
	}
}

// olderError says what to do if there is no data key: a command that needs none is the
// first to see the file.
func olderError(err error) error {
	if devices.CodeOf(err) != devices.Internal {
		return err
	}
	return &OpenError{Path: FileName, Problem: "it was written by an earlier version, and its audit trail is not a chain yet", Remedy: "start the server once", Err: err}
}

func olderRows(tx *gorm.DB, after int64) ([]devices.AuditRow, error) {
	found, err := tx.Raw("SELECT id, at, actor_kind, actor_id, actor_name, actor_address, verb, site, object, detail, outcome "+
		"FROM audit_unchained WHERE id > ? ORDER BY id LIMIT ?", after, olderBatch).Rows()
	if err != nil {
		return nil, err
	}
	var out []devices.AuditRow
	err = scanned(found, func() error {
		r, err := olderRow(found)
		out = append(out, r)
		return err
	})
	return out, err
}

// olderRow is a row as it was; the name of a person who got an account was in the detail.
func olderRow(found *sql.Rows) (r devices.AuditRow, err error) {
	var at stamp
	err = found.Scan(&r.ID, &at, &r.Actor.Kind, &r.Actor.ID, &r.Actor.Name, &r.Actor.Address, &r.Verb, &r.Site, &r.Object, &r.Detail, &r.Outcome)
	r.At = at.time()
	if r.Verb == "operator.create" {
		r.Detail, r.About = devices.Parted(r.Detail, "name")
	}
	return r, err
}
