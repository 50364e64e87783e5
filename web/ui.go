package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"gatehouse/devices"
)

// dist is the console as it was built, or only a placeholder.
//
//go:embed all:dist
var dist embed.FS

// helpPage says how to build the console.
//
//go:embed ui_help.html
var helpPage []byte

// ui serves the console's files.
type ui struct {
	files fs.FS
	tags  map[string]string // path → ETag, of the files that keep their names
	built bool
}

// newUI looks into root/dist. Without index.html every page is the help page.
func newUI(root fs.FS, log *slog.Logger) (*ui, error) {
	files, err := fs.Sub(root, "dist")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	u := &ui{files: files, tags: map[string]string{}}
	err = fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || hashed(name) {
			return err
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		u.tags[name] = hex.EncodeToString(sum[:12])
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	_, u.built = u.tags["index.html"]
	if !u.built {
		log.Warn("the console is not built: every page says how (make ui)")
	}
	return u, nil
}

// ServeHTTP gives a file; for any other GET of a page, the console, which finds its
// way by the path.
func (u *ui) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		p := newProblem(devices.Invalid, "only GET is possible here")
		p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, p)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	wantsPage := name == "" || strings.Contains(r.Header.Get("Accept"), "text/html")
	switch {
	case !u.built && wantsPage:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write(helpPage) // the client may be gone
	case name != "" && u.has(name):
		u.serve(w, r, name)
	case wantsPage:
		u.serve(w, r, "index.html")
	default:
		writeProblem(w, newProblem(devices.NotFound, "there is no such file"))
	}
}

// has is true for files that may be asked for: not the placeholder, not the
// compressed twins.
func (u *ui) has(name string) bool {
	if !fs.ValidPath(name) || strings.HasPrefix(path.Base(name), ".") || strings.HasSuffix(name, ".gz") {
		return false
	}
	info, err := fs.Stat(u.files, name)
	return err == nil && !info.IsDir()
}

// hashed files have their content's hash in the name: they never change.
func hashed(name string) bool { return strings.HasPrefix(name, "assets/") }

func (u *ui) serve(w http.ResponseWriter, r *http.Request, name string) {
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Add("Vary", "Accept-Encoding")
	content, zipped, err := u.open(name, r.Header.Get("Accept-Encoding"))
	if err != nil {
		writeProblem(w, newProblem(devices.NotFound, "there is no such file"))
		return
	}
	tag := u.tags[name]
	if zipped {
		h.Set("Content-Encoding", "gzip")
		tag += "-gz"
	}
	if hashed(name) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", `"`+tag+`"`)
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

// open gives the compressed twin of a file if there is one and the client takes it.
func (u *ui) open(name, accept string) (content io.ReadSeeker, zipped bool, err error) {
	if acceptsGzip(accept) {
		b, err := fs.ReadFile(u.files, name+".gz")
		if err == nil {
			return bytes.NewReader(b), true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, false, err
		}
	}
	b, err := fs.ReadFile(u.files, name)
	return bytes.NewReader(b), false, err
}

// acceptsGzip reads an Accept-Encoding header; gzip with weight zero is a no.
func acceptsGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000"
		}
	}
	return false
}

// contentType does not ask the operating system's tables: they differ per machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}
