package web

import (
	"context"
	"net/http"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// Factors are people's second factors, and proofs of who they are; operators.Service
// does them.
type Factors interface {
	NeedsFactor(o operators.Operator) bool
	BeginFactor(o operators.Operator) (operators.NewFactor, error)
	ConfirmFactor(ctx context.Context, o operators.Operator, now operators.Session, code string) (recovery []string, session string, err error)
	DropFactor(ctx context.Context, o operators.Operator, now operators.Session) error
	RemoveFactor(ctx context.Context, by devices.Actor, id operators.ID) (operators.Operator, error)
	Prove(ctx context.Context, o operators.Operator, now operators.Session, code, password string) (session string, err error)
	Fresh(v operators.Session) bool
	FactorRoles() []operators.Role
	SetFactorRoles(ctx context.Context, by devices.Actor, roles []operators.Role) error
}

// NewFactor is a second factor that waits for its first code. It is shown once.
type NewFactor struct {
	Secret string `json:"secret" doc:"base32, for typing"`
	URL    string `json:"url" doc:"otpauth://totp/…, for a QR code"`
}

// FactorCode takes a second factor into use.
type FactorCode struct {
	Code string `json:"code" minLength:"6" maxLength:"32" doc:"what the program shows now"`
}

// RecoveryCodes stand in for a second factor that is lost, each once. They are shown
// once.
type RecoveryCodes struct {
	Codes []string `json:"codes"`
}

// Proof shows once more who somebody is.
type Proof struct {
	Code     string `json:"code,omitempty" maxLength:"32" doc:"of the second factor, or one that stands in for it"`
	Password string `json:"password,omitempty" maxLength:"256" doc:"of somebody without a second factor"`
}

// FactorPolicy says who needs a second factor.
type FactorPolicy struct {
	Roles []operators.Role `json:"roles" maxItems:"128" doc:"ids of roles"`
}

// renewedWith is an answer with the new token of a session.
type renewedWith[T any] struct {
	SetCookie string `header:"Set-Cookie"`
	Body      T
}

// renewed is the cookie of a session that got another token; empty: it keeps the one it has.
func renewed(v *visitor, token string) string {
	if token == "" {
		return ""
	}
	return sessionCookie(v, token).String()
}

func (s *Server) factorRoutes(a *api) {
	add(a, operation(http.MethodPost, "/session/factor", "beginFactor", "session", "Make a second factor; it counts when a code of it was shown", 200), s.beginFactor)
	add(a, operation(http.MethodPut, "/session/factor", "confirmFactor", "session", "Take the new second factor into use; my other sessions end", 200),
		func(ctx context.Context, i *in[FactorCode]) (*renewedWith[RecoveryCodes], error) {
			v := visitorOf(ctx)
			codes, token, err := s.deps.Factors.ConfirmFactor(ctx, v.operator, v.session, i.Body.Code)
			return &renewedWith[RecoveryCodes]{renewed(v, token), RecoveryCodes{each(codes, func(c string) string { return c })}}, err
		})
	add(a, operation(http.MethodDelete, "/session/factor", "dropFactor", "session", "Give up my second factor, if my role does not need one", 204),
		func(ctx context.Context, _ *none) (*none, error) {
			v := visitorOf(ctx)
			return nil, s.deps.Factors.DropFactor(ctx, v.operator, v.session)
		})
	add(a, operation(http.MethodPost, "/session/proof", "prove", "session", "Show once more who I am, before what is dangerous; the session gets another token", 204),
		func(ctx context.Context, i *in[Proof]) (*cookieSet, error) {
			v := visitorOf(ctx)
			token, err := s.deps.Factors.Prove(ctx, v.operator, v.session, i.Body.Code, i.Body.Password)
			return &cookieSet{renewed(v, token)}, err
		})
	add(a, operation(http.MethodDelete, "/people/{id}/factor", "removeFactor", "people", "Take away the second factor that somebody lost; their sessions end", 200), s.removeFactor)
	add(a, operation(http.MethodGet, "/policy/factor", "getFactorPolicy", "people", "Which roles need a second factor", 200),
		func(context.Context, *none) (*out[FactorPolicy], error) {
			return &out[FactorPolicy]{FactorPolicy{s.deps.Factors.FactorRoles()}}, nil
		})
	add(a, operation(http.MethodPut, "/policy/factor", "setFactorPolicy", "people", "Say which roles need a second factor", 200),
		func(ctx context.Context, i *in[FactorPolicy]) (*out[FactorPolicy], error) {
			err := s.deps.Factors.SetFactorRoles(ctx, actor(ctx), i.Body.Roles)
			return &out[FactorPolicy]{FactorPolicy{s.deps.Factors.FactorRoles()}}, err
		})
}

// beginFactor waits for a password that only its owner knows: whoever chose it could set
// up the factor instead of them.
func (s *Server) beginFactor(ctx context.Context, _ *none) (*out[NewFactor], error) {
	o := visitorOf(ctx).operator
	if o.MustChange {
		return nil, changePasswordFirst()
	}
	made, err := s.deps.Factors.BeginFactor(o)
	return &out[NewFactor]{NewFactor(made)}, err
}

func (s *Server) removeFactor(ctx context.Context, i *personRequest) (*out[Person], error) {
	if err := notOneself(ctx, i.ID); err != nil {
		return nil, err
	}
	o, err := s.deps.Factors.RemoveFactor(ctx, actor(ctx), i.ID)
	return &out[Person]{s.personOf(o)}, err
}

// unfinished is what is missing of an account before it can be used.
func (s *Server) unfinished(o operators.Operator) *Problem {
	switch {
	case o.MustChange:
		return changePasswordFirst()
	case s.deps.Factors.NeedsFactor(o):
		return newProblem(factorNeeded, "your role needs a second factor: POST /api/v1/session/factor first")
	}
	return nil
}

func changePasswordFirst() *Problem {
	return newProblem(passwordChangeNeeded, "your password is one that somebody else chose: PUT /api/v1/session/password first")
}

// fresh is nil if whoever asks has just proved who they are.
func (s *Server) fresh(ctx context.Context) error {
	if visitorOf(ctx).program != nil {
		return forPeople()
	}
	if s.deps.Factors.Fresh(visitorOf(ctx).session) {
		return nil
	}
	return newProblem(operators.ProofNeeded, "show once more who you are (POST /api/v1/session/proof), and ask again")
}
