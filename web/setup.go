package web

import (
	"context"
	"net/http"

	"gatehouse/devices/operators"
)

// Setup makes the first administrator; operators.Service is one.
type Setup interface {
	// Needed is true until there is an administrator.
	Needed(ctx context.Context) bool
	// Setup creates the first administrator and signs in. token is the one-time
	// token that the server printed.
	Setup(ctx context.Context, token string, a operators.Account, from operators.Client) (o operators.Operator, session string, err error)
}

// SetupState says whether the first administrator is still to be made.
type SetupState struct {
	Needed bool `json:"needed"`
}

// SetupRequest makes the first administrator.
type SetupRequest struct {
	Token    string `json:"token" minLength:"1" maxLength:"128" doc:"the one-time token that the server printed at its start"`
	Name     string `json:"name" minLength:"1" maxLength:"64"`
	Password string `json:"password" minLength:"1" maxLength:"256" doc:"at least 12 characters"`
	Language string `json:"language,omitempty" enum:"zh-CN,en" doc:"left out: the browser's"`
}

func (s *Server) setupRoutes(a *api) {
	add(a, operation(http.MethodGet, "/setup", "getSetup", "setup", "Is the first administrator still to be made?", 200),
		func(ctx context.Context, _ *none) (*out[SetupState], error) {
			return &out[SetupState]{SetupState{Needed: s.deps.Setup.Needed(ctx)}}, nil
		})
	add(a, operation(http.MethodPost, "/setup", "setUp", "setup", "Make the first administrator and sign in", 201),
		func(ctx context.Context, i *in[SetupRequest]) (*signedIn, error) {
			b, v := i.Body, visitorOf(ctx)
			account := operators.Account{Name: b.Name, Password: b.Password, Language: b.Language}
			o, token, err := s.deps.Setup.Setup(ctx, b.Token, account, v.client())
			if err != nil {
				return nil, err
			}
			return s.newSession(v, o, operators.Session{}, token), nil
		})
}
