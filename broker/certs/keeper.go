package certs

import (
	"context"
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Files are the files of a Keeper, all in PEM.
type Files struct {
	Cert string // the server's certificate, and those between it and its root
	Key  string
	// ClientCA has the certificates by which those of clients must be signed. If it
	// is empty clients are not asked for any.
	ClientCA string
	// Revoked has the revocation lists of the authorities in ClientCA. May be empty.
	Revoked string
	// Optional lets clients without a certificate through. One that is shown must be
	// good nevertheless.
	Optional bool
}

// Keeper gives the TLS configuration that the files say at this time.
type Keeper struct {
	files Files
	log   *slog.Logger
	every time.Duration // looks at the files
	now   atomic.Pointer[state]

	mu      sync.Mutex // guards what follows
	changed []func()
}

// Open reads the files. Its error is a *FileError.
func Open(files Files, log *slog.Logger) (*Keeper, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{files: files, log: log, every: time.Second}
	s, err := k.load()
	if err != nil {
		return nil, err
	}
	k.now.Store(s)
	return k, nil
}

// Config is for tls.NewListener, or for http.Server.TLSConfig. It always gives what
// the files say; NextProtos and the like of a copy of it have no effect.
func (k *Keeper) Config() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return k.now.Load().config, nil },
	}
}

// OnChange has f called after files were replaced, by Run. Whoever has connections
// of clients asks again there whether they are good.
func (k *Keeper) OnChange(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changed = append(k.changed, f)
}

// Run looks for files that were replaced until ctx ends, and returns nil.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(k.every)
	defer tick.Stop()
	seen := k.now.Load().stamps
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		seen = k.look(seen)
	}
}

// look loads files that have changed and then not any more for one look: several
// of them are rarely replaced in the same instant. seen is what the look before
// found.
func (k *Keeper) look(seen stamps) stamps {
	found := k.stamps()
	if found != seen || found == k.now.Load().stamps {
		return found
	}
	s, err := k.load()
	if err != nil {
		k.log.Error("certificates were changed and cannot be used: those before go on", "error", err)
		kept := *k.now.Load()
		kept.stamps = found // said once
		k.now.Store(&kept)
		return found
	}
	k.now.Store(s)
	k.log.Warn("certificates were replaced", "subject", s.leaf.Subject.String(), "until", s.leaf.NotAfter)
	k.mu.Lock()
	list := append([]func(){}, k.changed...)
	k.mu.Unlock()
	for _, f := range list {
		f()
	}
	return found
}

// stamps tell a file from one that replaced it.
type stamps [4]stamp

type stamp struct {
	size     int64
	modified time.Time
	missing  bool
}

func (k *Keeper) stamps() (s stamps) {
	for i, name := range []string{k.files.Cert, k.files.Key, k.files.ClientCA, k.files.Revoked} {
		if name == "" {
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			s[i].missing = true
			continue
		}
		s[i] = stamp{size: info.Size(), modified: info.ModTime()}
	}
	return s
}
