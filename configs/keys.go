package configs

import (
	"reflect"
	"slices"
	"strings"
)

// key is one setting: its dotted name and the field that holds it.
type key struct {
	name  string
	field reflect.Value
}

func (k key) secret() bool { return k.field.Type() == reflect.TypeFor[Secret]() }

// keysOf lists the settings of the struct that v points to, in its order.
func keysOf(v any) []key {
	var list []key
	var walk func(prefix string, s reflect.Value)
	walk = func(prefix string, s reflect.Value) {
		for i := range s.NumField() {
			name := prefix + s.Type().Field(i).Tag.Get("key")
			if f := s.Field(i); f.Kind() == reflect.Struct {
				walk(name+".", f)
			} else {
				list = append(list, key{name, f})
			}
		}
	}
	walk("", reflect.ValueOf(v).Elem())
	return list
}

func names(keys []key) []string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.name
	}
	return list
}

// nearest is the name that is most like the wrong one.
func nearest(wrong string, among []string) string {
	return slices.MinFunc(among, func(a, b string) int {
		return distance(wrong, a) - distance(wrong, b)
	})
}

// distance counts the single-letter edits between a and b (Levenshtein). A name
// that merely lacks its section counts as near.
func distance(a, b string) int {
	if strings.HasSuffix(b, "."+a) {
		return 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// isSection reports whether keys stand under name.
func isSection(name string, known []string) bool {
	return slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, name+".") })
}
