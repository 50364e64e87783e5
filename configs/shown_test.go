package configs

import (
	"slices"
	"strings"
	"testing"
)

func TestSettingsHaveEveryKeyAndNoSecret(t *testing.T) {
	t.Parallel()
	s := DefaultServer()
	s.Data.Key = "c2VjcmV0c2VjcmV0"
	s.HTTP.Proxy = []string{"192.0.2.0/24", "192.0.2.9"}
	list := s.Settings()
	if len(list) != len(keysOf(&s)) {
		t.Errorf("%d settings of %d keys", len(list), len(keysOf(&s)))
	}
	for _, want := range []Setting{
		{"data.key", "[secret]", true},
		{"http.proxy", "192.0.2.0/24, 192.0.2.9", false},
		{"pictures.space", "20GiB", false},
		{"mqtt.max_connections", "20000", false},
		{"mqtt.session_expiry", "168h0m0s", false},
		{"tls.self_signed", "false", false},
	} {
		if !slices.Contains(list, want) {
			t.Errorf("no %+v in %+v", want, list)
		}
	}
	for _, o := range list {
		if strings.Contains(o.Value, s.Data.Key.Reveal()) {
			t.Errorf("%s shows the secret", o.Key)
		}
	}
}
