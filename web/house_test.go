package web

import (
	"log/slog"
	"testing"
)

type house struct{ server *Server }

func newHouse(t *testing.T) *house {
	s := &Server{access: accessTable()}
	s.deps.Log = slog.New(slog.DiscardHandler)
	if err := s.build(); err != nil {
		t.Fatal(err)
	}
	return &house{s}
}
