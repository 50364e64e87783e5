package db

import (
	"bytes"
	"encoding/json"
	"fmt"

	"gatehouse/devices"
)

// exactly is a value as JSON, where what is left out limits nothing: text which says less than it seems to, such as
// null, must not be taken. It is read only as it is written.
type exactly[T any] struct{ document[T] }

// Scan implements sql.Scanner.
func (c *exactly[T]) Scan(v any) error {
	if err := c.document.Scan(v); err != nil {
		return err
	}
	written, err := json.Marshal(c.v)
	if err != nil {
		return fmt.Errorf("encode %T: %w", c.v, err)
	}
	if read, ok := v.(string); !ok || !bytes.Equal(written, []byte(read)) {
		return fmt.Errorf("a limit that says %.200q: it was written in another way, and may have said more", v)
	}
	return nil
}

// scopeColumn is where and when somebody's rights hold.
type scopeColumn = exactly[devices.Scope]

func scopeColumnOf(s devices.Scope) scopeColumn { return scopeColumn{document[devices.Scope]{s}} }

// only is a list that a right is limited to; none: it is not.
type only struct {
	Only []string `json:"only,omitempty"`
}

// onlyColumn is such a list.
type onlyColumn = exactly[only]

func onlyColumnOf(list []string) onlyColumn { return onlyColumn{document[only]{only{list}}} }
