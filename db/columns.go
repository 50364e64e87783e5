package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// stamp is a time as a column: microseconds since 1970 UTC; NULL is no time.
type stamp time.Time

// Value implements driver.Valuer.
func (s stamp) Value() (driver.Value, error) {
	t := time.Time(s)
	if t.IsZero() {
		return nil, nil
	}
	return t.UnixMicro(), nil
}

// Scan implements sql.Scanner.
func (s *stamp) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*s = stamp{}
	case int64:
		*s = stamp(time.UnixMicro(v).UTC())
	default:
		return fmt.Errorf("a time is an integer, not %T", v)
	}
	return nil
}

// time gives the time, zero for none.
func (s stamp) time() time.Time { return time.Time(s) }

// document is a value as a column of JSON text.
type document[T any] struct{ v T }

// Value implements driver.Valuer.
func (d document[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(d.v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", d.v, err)
	}
	return string(b), nil
}

// Scan implements sql.Scanner.
func (d *document[T]) Scan(v any) error {
	var text []byte
	switch v := v.(type) {
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return fmt.Errorf("JSON is text, not %T", v)
	}
	if err := json.Unmarshal(text, &d.v); err != nil {
		return fmt.Errorf("decode %T: %w", d.v, err)
	}
	return nil
}
