package db

import (
	"bytes"
	"encoding/json"
	"fmt"

	"gatehouse/devices"
)

// scopeColumn is where and when somebody's rights hold, as JSON. What is left out there limits nothing, so
// that text which says less than it seems to, such as null, must not be taken: it is read only as it is written.
type scopeColumn struct{ document[devices.Scope] }

func scopeColumnOf(s devices.Scope) scopeColumn { return scopeColumn{document[devices.Scope]{s}} }

// Scan implements sql.Scanner.
func (c *scopeColumn) Scan(v any) error {
	if err := c.document.Scan(v); err != nil {
		return err
	}
	written, err := json.Marshal(c.v)
	if err != nil {
		return fmt.Errorf("encode %T: %w", c.v, err)
	}
	if read, ok := v.(string); !ok || !bytes.Equal(written, []byte(read)) {
		return fmt.Errorf("a scope that says %.200q: it was written in another way, and may have said more", v)
	}
	return nil
}
