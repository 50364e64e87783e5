package web

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write openapi.yaml")

// The contract that the console's types are made from is that of the code.
func TestOpenAPIUpToDate(t *testing.T) {
	s := newHouse(t).server
	got, err := s.api.huma.OpenAPI().YAML()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.yaml", got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, document) {
		t.Fatal("openapi.yaml is not up to date: go test ./web -run TestOpenAPIUpToDate -update")
	}
}
