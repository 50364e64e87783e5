package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func builtConsole() fstest.MapFS {
	return fstest.MapFS{
		"dist/.keep":                    {Data: []byte("keep")},
		"dist/index.html":               {Data: []byte("<!doctype html>console")},
		"dist/favicon.svg":              {Data: []byte("<svg/>")},
		"dist/assets/app-a1b2.js":       {Data: []byte("let a")},
		"dist/assets/app-a1b2.js.gz":    {Data: []byte("zipped")},
		"dist/assets/style-c3d4.css":    {Data: []byte("a{}")},
		"dist/assets/font-e5f6.woff2":   {Data: []byte("font")},
		"dist/assets/blob-0000.strange": {Data: []byte("?")},
	}
}

// visit asks a console for a page or a file.
func visit(t *testing.T, files fstest.MapFS, method, path string, change ...func(*http.Request)) (answer, string) {
	t.Helper()
	log := &journal{}
	u, err := newUI(files, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, http.NoBody)
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	u.ServeHTTP(w, r)
	return answer{t: t, status: w.Code, header: w.Header(), body: w.Body.String()}, log.String()
}

func TestConsoleIsServedForEveryPage(t *testing.T) {
	t.Parallel()
	page := header("Accept", "text/html,application/xhtml+xml")
	for _, path := range []string{"/", "/index.html", "/wall", "/devices/d1?tab=technical", "/ledger.html", "/assets/old-9999.js"} {
		a, log := visit(t, builtConsole(), "GET", path, page)
		a.wants(200)
		if a.body != "<!doctype html>console" || a.header.Get("Content-Type") != "text/html; charset=utf-8" ||
			a.header.Get("Cache-Control") != "no-cache" || a.header.Get("ETag") == "" {
			t.Errorf("%s: %q %v", path, a.body, a.header)
		}
		if log != "" {
			t.Errorf("log %s", log)
		}
		again, _ := visit(t, builtConsole(), "GET", path, page, header("If-None-Match", a.header.Get("ETag")))
		again.wants(http.StatusNotModified)
	}
	a, _ := visit(t, builtConsole(), "HEAD", "/", page)
	if a.wants(200); a.body != "" {
		t.Errorf("HEAD has body %q", a.body)
	}
	if a, _ := visit(t, builtConsole(), "GET", "/"); a.status != 200 { // curl
		t.Errorf("status %d", a.status)
	}
}

func TestHashedFilesAreKeptForAYear(t *testing.T) {
	t.Parallel()
	for path, kind := range map[string]string{
		"/assets/app-a1b2.js": "text/javascript; charset=utf-8", "/assets/style-c3d4.css": "text/css; charset=utf-8",
		"/assets/font-e5f6.woff2": "font/woff2", "/assets/blob-0000.strange": "application/octet-stream",
	} {
		a, _ := visit(t, builtConsole(), "GET", path)
		a.wants(200)
		if a.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || a.header.Get("Content-Type") != kind {
			t.Errorf("%s: %v", path, a.header)
		}
	}
	a, _ := visit(t, builtConsole(), "GET", "/favicon.svg")
	if a.header.Get("Cache-Control") != "no-cache" || a.header.Get("ETag") == "" || a.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("favicon: %v", a.header)
	}
}

func TestCompressedTwinIsGivenToWhoTakesIt(t *testing.T) {
	t.Parallel()
	for accept, zipped := range map[string]bool{
		"": false, "gzip": true, "br, gzip;q=0.5": true, "GZIP": true, "gzip;q=0": false, "gzip; q=0.000": false, "deflate": false, "x-gzipped": false,
	} {
		a, _ := visit(t, builtConsole(), "GET", "/assets/app-a1b2.js", header("Accept-Encoding", accept))
		want := "let a"
		if zipped {
			want = "zipped"
		}
		if a.body != want || (a.header.Get("Content-Encoding") == "gzip") != zipped || a.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %q %v", accept, a.body, a.header)
		}
		if a.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("type %q", a.header.Get("Content-Type"))
		}
	}
}

func TestFilesThatAreNotMeantForBrowsersAreNotServed(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/.keep", "/assets/app-a1b2.js.gz", "/assets", "/assets/", "/nothing.js", "/../ui.go", "/assets/..%2f..%2fui.go", "/%00"} {
		a, _ := visit(t, builtConsole(), "GET", path, header("Accept", "*/*"))
		a.problem(404, "not_found")
	}
	a, _ := visit(t, builtConsole(), "POST", "/wall", header("Accept", "text/html"))
	a.problem(http.StatusMethodNotAllowed, "invalid")
}

func TestConsoleThatIsNotBuiltSaysSo(t *testing.T) {
	t.Parallel()
	bare := fstest.MapFS{"dist/.keep": {Data: []byte("keep")}}
	for _, path := range []string{"/", "/wall"} {
		a, log := visit(t, bare, "GET", path, header("Accept", "text/html"))
		a.wants(http.StatusServiceUnavailable)
		if !strings.Contains(a.body, "make ui") || !strings.Contains(a.body, "控制台") || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %v", path, a.body, a.header)
		}
		if strings.Count(log, "level=WARN") != 1 {
			t.Errorf("log %q", log)
		}
	}
	a, _ := visit(t, bare, "GET", "/assets/app.js")
	a.problem(404, "not_found")
}

func TestHelpPageObeysTheContentPolicy(t *testing.T) {
	t.Parallel()
	for _, inline := range []string{"<style", "style=", "<script", "onclick", "http://", "https://"} {
		if bytes.Contains(helpPage, []byte(inline)) {
			t.Errorf("the help page has %s", inline)
		}
	}
}
