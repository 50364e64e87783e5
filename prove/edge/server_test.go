package edge

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"gatehouse/prove/property"
	"gatehouse/prove/served"
)

// shop builds the release binary; TestMain closes it.
var shop served.Workshop

func TestMain(m *testing.M) {
	code := m.Run()
	_ = shop.Close()
	os.Exit(code)
}

func release(t *testing.T) string {
	t.Helper()
	path, err := shop.Release()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a property with its first administrator.
func open(t *testing.T, o property.Options) *property.House {
	t.Helper()
	o.Binary = release(t)
	return property.Open(t, o)
}

// fresh starts a server that nobody has set up.
func fresh(t *testing.T, dir string, args ...string) *served.Server {
	t.Helper()
	return served.Start(t, served.Command{Args: arguments(release(t), dir, args...)})
}

func arguments(binary, dir string, more ...string) []string {
	return append([]string{binary, "--data", dir, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"}, more...)
}

// httpAddress is host:port of the console.
func httpAddress(s *served.Server) string {
	_, address, _ := strings.Cut(s.Told["http"], "://")
	return strings.Replace(address, "localhost", "127.0.0.1", 1)
}

// document is the part of the API's description that these suites use.
type document struct {
	Paths map[string]map[string]struct {
		OperationID string `yaml:"operationId"`
		Parameters  []struct{ Name, In string }
		RequestBody *struct {
			Content map[string]struct {
				Schema yaml.Node
			}
		} `yaml:"requestBody"`
	}
	Components struct {
		Schemas map[string]schema
	}
}

type schema struct {
	Properties map[string]yaml.Node
}

// operation is one route of the API.
type operation struct {
	method, path string // below /api/v1
	query        []string
	body         string // name of the schema; empty: none
}

// operations reads what the API has, in a steady order.
func operations(t *testing.T) (list []operation, fields func(schema string) []string) {
	t.Helper()
	content, err := os.ReadFile("../../web/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := yaml.Unmarshal(content, &d); err != nil {
		t.Fatal(err)
	}
	for path, methods := range d.Paths {
		below, ok := strings.CutPrefix(path, "/api/v1")
		if !ok {
			continue
		}
		for method, op := range methods {
			o := operation{method: strings.ToUpper(method), path: below}
			for _, p := range op.Parameters {
				if p.In == "query" {
					o.query = append(o.query, p.Name)
				}
			}
			if op.RequestBody != nil {
				for _, c := range op.RequestBody.Content {
					var ref struct {
						Ref string `yaml:"$ref"`
					}
					if c.Schema.Decode(&ref) == nil {
						o.body = strings.TrimPrefix(ref.Ref, "#/components/schemas/")
					}
				}
			}
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	if len(list) < 50 {
		t.Fatalf("%d routes in the document", len(list))
	}
	return list, func(name string) (names []string) {
		for n := range d.Components.Schemas[name].Properties {
			names = append(names, n)
		}
		slices.Sort(names)
		return names
	}
}

// nobody is a client without a session.
func nobody(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Timeout: served.Patience, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ask makes one request and gives status, headers and body.
func ask(t *testing.T, c *http.Client, method, url, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(content)
}

// quantiles are p50, p99 and the longest.
func quantiles(took []time.Duration) (p50, p99, most time.Duration) {
	slices.Sort(took)
	n := len(took)
	return took[n/2], took[n*99/100], took[n-1]
}

func short(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }

// of says how many of how many.
func of(n, all int) string { return fmt.Sprintf("%d of %d", n, all) }
