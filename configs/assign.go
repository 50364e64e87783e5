package configs

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// assign parses raw, as YAML or text gave it, into the field. It returns what
// would be right, or nothing.
func assign(field reflect.Value, raw any) (want string) {
	if field.Kind() == reflect.Slice {
		list, ok := texts(raw)
		if !ok {
			return "want a list of texts"
		}
		field.Set(reflect.ValueOf(list))
		return ""
	}
	switch raw.(type) {
	case []any, map[string]any:
		return "want one value, not a list or a section"
	}
	text := strings.TrimSpace(fmt.Sprint(raw))
	switch field.Interface().(type) {
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return "want a duration, for example 90s, 5m or 168h"
		}
		field.SetInt(int64(d))
		return ""
	case Size:
		n, err := parseSize(text)
		if err != nil {
			return "want a number of bytes, for example 4194304, 512KiB or 4MiB"
		}
		field.SetInt(int64(n))
		return ""
	}
	return assignPlain(field, text)
}

func assignPlain(field reflect.Value, text string) (want string) {
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		switch text {
		case "true", "false":
			field.SetBool(text == "true")
		default:
			return "want true or false"
		}
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return "want a whole number"
		}
		field.SetInt(int64(n))
	case reflect.Uint16:
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return "want a whole number from 0 to 65535"
		}
		field.SetUint(n)
	case reflect.Float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "want a number, for example 1 or 2.5"
		}
		field.SetFloat(n)
	default:
		panic("configs: no form for " + field.Type().String())
	}
	return ""
}

// texts reads a list from YAML, or from text with commas.
func texts(raw any) ([]string, bool) {
	list := []string{}
	switch r := raw.(type) {
	case string:
		for part := range strings.SplitSeq(r, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	case []any:
		for _, part := range r {
			text, ok := part.(string)
			if !ok {
				return nil, false
			}
			list = append(list, text)
		}
	default:
		return nil, false
	}
	return list, true
}
