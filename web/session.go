package web

import (
	"context"
	"net/http"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// Sessions signs people in and out; operators.Service is one.
type Sessions interface {
	Login(ctx context.Context, name, password, code string, from operators.Client) (o operators.Operator, session string, err error)
	// Authenticate gives who holds a session token; otherwise the error Unauthenticated.
	Authenticate(ctx context.Context, session string) (operators.Operator, operators.Session, error)
	Logout(ctx context.Context, session string, from operators.Client) error
	SetLanguage(ctx context.Context, by devices.Actor, id operators.ID, language string) (operators.Operator, error)
	SetTheme(ctx context.Context, id operators.ID, theme string) (operators.Operator, error)
}

// Credentials signs somebody in.
type Credentials struct {
	Name     string `json:"name" minLength:"1" maxLength:"64"`
	Password string `json:"password" minLength:"1" maxLength:"256"`
	Code     string `json:"code,omitempty" maxLength:"32" doc:"of the second factor, or one that stands in for it; asked for by the problem code_needed"`
}

// Me is who is signed in and what they may do.
type Me struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Role     operators.Role `json:"role" doc:"id of one of the roles"`
	RoleName string         `json:"roleName" doc:"of an own role; empty: it is one of the platform"`
	Scope    RightsScope    `json:"scope" doc:"where and when the rights hold"`
	Verbs    []devices.Verb `json:"verbs" enum:"devices.see,devices.command,devices.manage,alarms.handle,alarms.manage,ledger.see,shifts.manage,schedules.manage,audit.see,access.manage,broker.see,broker.manage"`
	Language string         `json:"language" doc:"zh-CN or en; empty: the browser's"`
	Theme    string         `json:"theme" doc:"of the console: auto, light or dark; empty: nothing was chosen"`

	MustChange   bool `json:"mustChange" doc:"the password is one that somebody else chose: nothing else can be done before it is changed"`
	Factor       bool `json:"factor" doc:"signing in asks for a code of a second factor"`
	FactorNeeded bool `json:"factorNeeded" doc:"the role needs a second factor: nothing else can be done before there is one"`

	PIN     bool `json:"pin" doc:"there is a PIN for booths"`
	AtBooth bool `json:"atBooth" doc:"signed in at a booth with a PIN: the rights are those of a guard at most"`
}

// Preferences are what people set for themselves. What is left out stays as it is.
type Preferences struct {
	Language string `json:"language,omitempty" enum:"zh-CN,en"`
	Theme    string `json:"theme,omitempty" enum:"auto,light,dark" doc:"of the console; auto: as the system has it"`
}

// signedIn is Me with the session's cookie.
type signedIn struct {
	SetCookie string `header:"Set-Cookie"`
	Body      Me
}

// cookieSet is an answer that changes the session's cookie, or leaves it if that is empty.
type cookieSet struct {
	SetCookie string `header:"Set-Cookie"`
}

func (s *Server) newSession(v *visitor, o operators.Operator, session operators.Session, token string) *signedIn {
	return &signedIn{SetCookie: sessionCookie(v, token).String(), Body: s.meOf(o, session)}
}

// endReplaced ends the session that the browser had before: the cookie of the new one
// takes its place, and nobody could end it from there any more.
func (s *Server) endReplaced(ctx context.Context, v *visitor) {
	if v.carried == "" {
		return
	}
	if err := s.deps.Sessions.Logout(ctx, v.carried, v.client()); err != nil {
		s.deps.Log.WarnContext(ctx, "the session that a new one replaces is not known to be ended", "error", err)
	}
}

func (s *Server) meOf(o operators.Operator, session operators.Session) Me {
	verbs := each(s.grantIn(o, session).Verbs, func(v devices.Verb) devices.Verb { return v })
	return Me{ID: string(o.ID), Name: o.Name, Role: o.Role, RoleName: s.roleName(o.Role), Scope: scopeOf(o.Scope), Verbs: verbs, Language: o.Language, Theme: o.Theme, MustChange: o.MustChange,
		Factor: o.HasFactor(), FactorNeeded: s.deps.Factors.NeedsFactor(o), PIN: o.HasPIN(), AtBooth: session.Booth != ""}
}

func (s *Server) sessionRoutes(a *api) {
	add(a, operation(http.MethodPost, "/session", "signIn", "session", "Sign in", 200),
		func(ctx context.Context, i *in[Credentials]) (*signedIn, error) {
			v := visitorOf(ctx)
			o, token, err := s.deps.Sessions.Login(ctx, i.Body.Name, i.Body.Password, i.Body.Code, v.client())
			if err != nil {
				return nil, err
			}
			s.endReplaced(ctx, v)
			return s.newSession(v, o, operators.Session{}, token), nil
		})
	add(a, operation(http.MethodGet, "/session", "getSession", "session", "Who am I, and what may I do?", 200),
		func(ctx context.Context, _ *none) (*out[Me], error) {
			return &out[Me]{s.meOf(visitorOf(ctx).operator, visitorOf(ctx).session)}, nil
		})
	add(a, operation(http.MethodPatch, "/session", "setPreferences", "session", "Set my language, and how the console looks", 200),
		func(ctx context.Context, i *in[Preferences]) (*out[Me], error) {
			o, err := s.setPreferences(ctx, i.Body)
			if err != nil {
				return nil, err
			}
			return &out[Me]{s.meOf(o, visitorOf(ctx).session)}, nil
		})
	add(a, operation(http.MethodDelete, "/session", "signOut", "session", "Sign out; live connections of this session are cut", 204),
		func(ctx context.Context, _ *none) (*cookieSet, error) {
			v := visitorOf(ctx)
			if err := s.deps.Sessions.Logout(ctx, v.token, v.client()); err != nil {
				return nil, err
			}
			return &cookieSet{SetCookie: expiredCookie(v).String()}, nil
		})
}

// setPreferences stores those that are given.
func (s *Server) setPreferences(ctx context.Context, p Preferences) (o operators.Operator, err error) {
	o = visitorOf(ctx).operator
	if p.Language != "" {
		if o, err = s.deps.Sessions.SetLanguage(ctx, actor(ctx), o.ID, p.Language); err != nil {
			return o, err
		}
	}
	if p.Theme != "" {
		o, err = s.deps.Sessions.SetTheme(ctx, o.ID, p.Theme)
	}
	return o, err
}
