package configs

import (
	"fmt"
	"reflect"
	"strings"
)

// Setting is one key of a configuration, as it may be shown to people.
type Setting struct {
	Key    string // dotted
	Value  string // of a secret only whether there is one
	Secret bool
}

// Settings lists every key of c with its value, in the order of the file; nothing
// secret is in it.
func (c Server) Settings() []Setting {
	var list []Setting
	for _, k := range keysOf(&c) {
		list = append(list, Setting{Key: k.name, Value: shown(k.field), Secret: k.secret()})
	}
	return list
}

// shown is a value as the file would have it, or nearly so.
func shown(v reflect.Value) string {
	if list, ok := v.Interface().([]string); ok {
		return strings.Join(list, ", ")
	}
	return fmt.Sprint(v.Interface())
}
