package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gatehouse/broker"
)

// The console says in both languages why something was refused or dropped.
func TestEveryReasonOfTheBrokerHasItsTexts(t *testing.T) {
	t.Parallel()
	p, err := broker.New(t.Context(), broker.Options{Authorizer: &authorizer{}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	stats := p.Stats()
	other := regexp.MustCompile(`[^a-z0-9]+`)
	for _, language := range []string{"zh-CN", "en"} {
		file := filepath.Join("..", "..", "web", "ui", "src", "i18n", language, "broker.json")
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var texts struct{ Reasons map[string]string }
		if err := json.Unmarshal(content, &texts); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, counts := range []map[string]uint64{stats.Refused, stats.Dropped} {
			for reason := range counts {
				key := other.ReplaceAllString(strings.ToLower(reason), "_") // as the console does
				if texts.Reasons[key] == "" {
					t.Errorf("%s: reasons.%s is missing: a text for %q", file, key, reason)
				}
			}
		}
	}
}
