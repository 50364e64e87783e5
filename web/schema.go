package web

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// finishDocument does what huma cannot say with tags: lists are never null,
// pointers to objects are "object or null", and the payloads of types that travel
// by MQTT only are described too.
func finishDocument(doc *huma.OpenAPI, payloads ...reflect.Type) {
	reg := doc.Components.Schemas
	for _, t := range payloads {
		reg.Schema(t, true, "")
	}
	for name, s := range reg.Map() {
		listsNeverNull(s)
		nullObjects(s, reg.TypeFromRef("#/components/schemas/"+name))
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			for _, p := range op.Parameters {
				listsNeverNull(p.Schema)
			}
		}
	}
}

// listsNeverNull turns "array or null" into "array" in s and below. References are
// visited by their own names.
func listsNeverNull(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	listsNeverNull(s.Items)
	for _, p := range s.Properties {
		listsNeverNull(p)
	}
	if more, ok := s.AdditionalProperties.(*huma.Schema); ok {
		listsNeverNull(more)
	}
}

// nullObjects makes every property of s whose Go field is a pointer to a struct
// "that object, or null".
func nullObjects(s *huma.Schema, t reflect.Type) {
	if t == nil || t.Kind() != reflect.Struct {
		return
	}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := s.Properties[name]
		if p == nil || p.Ref == "" || f.Type.Kind() != reflect.Pointer || slices.Contains(strings.Split(options, ","), "omitempty") {
			continue
		}
		s.Properties[name] = &huma.Schema{AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
	}
}

// text is a short text of a map in a request: an argument of an action.
type text string

// Schema implements huma.SchemaProvider.
func (text) Schema(huma.Registry) *huma.Schema {
	longest := 64
	s := &huma.Schema{Type: huma.TypeString, MaxLength: &longest}
	s.PrecomputeMessages()
	return s
}

// texts gives the map back as the domain has it; nil stays nil.
func texts(m map[string]text) map[string]string {
	if m == nil {
		return nil
	}
	t := make(map[string]string, len(m))
	for k, v := range m {
		t[k] = string(v)
	}
	return t
}

// object is a JSON object whose members the API does not promise.
type object json.RawMessage

// Schema implements huma.SchemaProvider.
func (object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// MarshalJSON writes the stored object, or an empty one if it is none.
func (o object) MarshalJSON() ([]byte, error) {
	if len(o) > 0 && o[0] == '{' && json.Valid(o) {
		return o, nil
	}
	return []byte("{}"), nil
}
