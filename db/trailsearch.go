package db

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/trail"
)

// Search implements trail.Store.
func (s trailStore) Search(ctx context.Context, q trail.Query) (all []devices.AuditRow, err error) {
	err = s.db.read(ctx, "trail.search", func(tx *gorm.DB) error {
		where, args, err := searched(tx, q)
		if err != nil {
			return err
		}
		rows, err := rowsOf(tx, limited(q.Limit), where+" ORDER BY id DESC LIMIT ?", append(args, limited(q.Limit))...)
		if err != nil {
			return err
		}
		all, err = s.db.people.opened(tx, rows)
		return err
	})
	return all, err
}

// condition is one of a search; of column, if that has an index.
type condition struct {
	column string
	same   bool   // column has one value: the index gives rows in their order
	part   string // %s stands for the column
	values []any
}

// fewRows are read and put in order at once.
const fewRows = 5000

// searched is a query in SQL. A search names at most one index, because the one that SQLite would choose without knowing
// the values may lead to nearly all rows, which it would then sort: that takes seconds. A condition that few
// rows fulfil is looked up; else one that gives rows in their order; else rows are read from the newest on.
func searched(tx *gorm.DB, q trail.Query) (where string, args []any, err error) {
	all := conditions(q)
	leading, err := lead(tx, all)
	if err != nil {
		return "", nil, err
	}
	parts := []string{"true"}
	for i, c := range all {
		column := "+" + c.column // no index
		if i == leading {
			column = c.column
		}
		parts, args = append(parts, strings.ReplaceAll(c.part, "%s", column)), append(args, c.values...)
	}
	if q.Before > 0 {
		parts, args = append(parts, "id < ?"), append(args, q.Before)
	}
	return "WHERE " + strings.Join(parts, " AND "), args, nil
}

// lead is the condition whose index is used; -1: none.
func lead(tx *gorm.DB, all []condition) (leading int, err error) {
	leading = -1
	for i, c := range all {
		if c.column == "" {
			continue
		}
		var n int64
		within := "SELECT count(*) FROM (SELECT 1 FROM audit WHERE " + strings.ReplaceAll(c.part, "%s", c.column) + " LIMIT ?)"
		if err := tx.Raw(within, append(c.values, fewRows+1)...).Scan(&n).Error; err != nil {
			return -1, err
		}
		if n <= fewRows {
			return i, nil
		}
		if leading < 0 && c.same {
			leading = i
		}
	}
	return leading, nil
}

// conditions are those of a query, those that mostly select fewer rows first.
func conditions(q trail.Query) (all []condition) {
	same := func(column, value string) {
		if value != "" {
			all = append(all, condition{column, true, "%s = ?", []any{value}})
		}
	}
	begins := func(column, value, mark string) {
		if strings.HasSuffix(value, mark) {
			all = append(all, condition{column, false, "%s >= ? AND %s < ?", []any{value, value[:len(value)-1] + string(mark[0]+1)}})
		} else {
			same(column, value)
		}
	}
	same("actor_id", q.Actor)
	begins("object", q.Object, ":")
	same("site", string(q.Site))
	begins("verb", q.Verb, ".")
	if c := between(q); c.part != "" {
		all = append(all, c)
	}
	if q.Outcome != "" {
		all = append(all, condition{part: "outcome = ?", values: []any{q.Outcome}})
	}
	if q.Text != "" {
		like := "%" + escaped(q.Text) + "%"
		all = append(all, condition{part: textCondition, values: []any{like, like, like, like, like, like, like, like}})
	}
	return all
}

func between(q trail.Query) condition {
	c := condition{column: "at"}
	if !q.From.IsZero() {
		c.part, c.values = "%s >= ?", []any{stamp(q.From)}
	}
	if !q.To.IsZero() {
		if c.part != "" {
			c.part += " AND "
		}
		c.part, c.values = c.part+"%s < ?", append(c.values, stamp(q.To))
	}
	return c
}

// textCondition looks for names where they are now: those in the trail are sealed.
const textCondition = `(verb LIKE ? ESCAPE '\' OR object LIKE ? ESCAPE '\' OR detail LIKE ? ESCAPE '\'
	OR actor_id IN (SELECT id FROM operators WHERE name LIKE ? ESCAPE '\')
	OR object IN (SELECT 'operator:' || id FROM operators WHERE name LIKE ? ESCAPE '\'
		UNION ALL SELECT 'device:' || id FROM devices WHERE name LIKE ? ESCAPE '\'
		UNION ALL SELECT 'site:' || id FROM sites WHERE name LIKE ? ESCAPE '\'
		UNION ALL SELECT 'zone:' || id FROM zones WHERE name LIKE ? ESCAPE '\'))`

// escaped is a text that LIKE takes as it is.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
}
