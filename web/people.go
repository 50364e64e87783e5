package web

import (
	"context"
	"net/http"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// People makes accounts and changes them; operators.Service is one.
type People interface {
	List(ctx context.Context) ([]operators.Operator, error)
	Create(ctx context.Context, by devices.Actor, a operators.NewAccount) (o operators.Operator, password string, err error)
	SetRights(ctx context.Context, by devices.Actor, id operators.ID, c operators.RightsChange) (operators.Operator, error)
	SetDisabled(ctx context.Context, by devices.Actor, id operators.ID, disabled bool) (operators.Operator, error)
	ResetPassword(ctx context.Context, by devices.Actor, id operators.ID) (o operators.Operator, password string, err error)
	ChangePassword(ctx context.Context, o operators.Operator, now operators.Session, old, password string) error
	Sessions(ctx context.Context, id operators.ID) ([]operators.Session, error)
	EndSession(ctx context.Context, by devices.Actor, id operators.ID, session operators.SessionID) error
}

// Person is somebody with an account.
type Person struct {
	ID         operators.ID   `json:"id"`
	Name       string         `json:"name"`
	Role       operators.Role `json:"role" doc:"id of one of the roles"`
	Scope      RightsScope    `json:"scope" doc:"where and when the role counts"`
	Created    time.Time      `json:"created"`
	Disabled   bool           `json:"disabled" doc:"shut: the person cannot sign in"`
	MustChange bool           `json:"mustChange" doc:"the password is one that somebody else chose"`
	Factor     bool           `json:"factor" doc:"signing in asks for a code of a second factor"`
	// FactorNeeded and FactorLocked are what an administrator has to look after.
	FactorNeeded bool `json:"factorNeeded" doc:"the role needs a second factor, and the person has none yet"`
	FactorLocked bool `json:"factorLocked" doc:"too many codes were wrong: only a code that stands in for the factor is taken until the password is reset or the factor taken away"`
}

// PersonList is everybody with an account, by name.
type PersonList struct {
	People []Person `json:"people"`
}

// NewPerson makes an account.
type NewPerson struct {
	Name     string         `json:"name" minLength:"1" maxLength:"64" doc:"what the person signs in with"`
	Role     operators.Role `json:"role" minLength:"1" maxLength:"64" doc:"id of one of the roles"`
	Scope    *RightsScope   `json:"scope,omitempty" doc:"left out: the whole property, always"`
	Language string         `json:"language,omitempty" enum:"zh-CN,en" doc:"left out: the browser's"`
}

// FirstPassword is a password that somebody hands on to a person, who has to change
// it. It is shown once.
type FirstPassword struct {
	Person   Person `json:"person"`
	Password string `json:"password"`
}

// PersonChange is what is to be different; what is left out stays.
type PersonChange struct {
	Role     operators.Role `json:"role,omitempty" maxLength:"64" doc:"id of one of the roles"`
	Scope    *RightsScope   `json:"scope,omitempty"`
	Disabled *bool          `json:"disabled,omitempty" doc:"true shuts the account and ends its sessions at once"`
}

// OpenSession is a browser in which somebody is signed in.
type OpenSession struct {
	ID        operators.SessionID `json:"id"`
	Created   time.Time           `json:"created"`
	LastSeen  time.Time           `json:"lastSeen"`
	Expires   time.Time           `json:"expires"`
	Address   string              `json:"address"`
	UserAgent string              `json:"userAgent" doc:"what the browser says of itself"`
	Current   bool                `json:"current" doc:"the one of this request"`
}

// SessionList is where somebody is signed in, the session used last first.
type SessionList struct {
	Sessions []OpenSession `json:"sessions"`
}

// PasswordChange is a person's own.
type PasswordChange struct {
	OldPassword string `json:"oldPassword" minLength:"1" maxLength:"256"`
	Password    string `json:"password" minLength:"1" maxLength:"256" doc:"12 to 128 characters"`
}

type (
	personRequest struct {
		ID operators.ID `path:"id" minLength:"1" maxLength:"64"`
	}
	personChangeRequest struct {
		ID   operators.ID `path:"id" minLength:"1" maxLength:"64"`
		Body PersonChange
	}
	personSession struct {
		ID      operators.ID        `path:"id" minLength:"1" maxLength:"64"`
		Session operators.SessionID `path:"session" minLength:"1" maxLength:"64"`
	}
	ownSession struct {
		Session operators.SessionID `path:"session" minLength:"1" maxLength:"64"`
	}
)

func (s *Server) peopleRoutes(a *api) {
	add(a, operation(http.MethodGet, "/people", "listPeople", "people", "Everybody with an account", 200),
		func(ctx context.Context, _ *none) (*out[PersonList], error) {
			all, err := s.deps.People.List(ctx)
			return &out[PersonList]{PersonList{each(all, s.personOf)}}, err
		})
	add(a, operation(http.MethodPost, "/people", "createPerson", "people", "Give somebody an account, with a first password", 201),
		s.createPerson)
	add(a, operation(http.MethodPatch, "/people/{id}", "changePerson", "people", "Give somebody another role or scope, or shut or open their account", 200), s.changePerson)
	add(a, operation(http.MethodPost, "/people/{id}/password", "resetPassword", "people", "Give somebody a new first password; their sessions end", 200), s.resetPassword)
	add(a, operation(http.MethodGet, "/people/{id}/sessions", "listSessionsOf", "people", "Where somebody is signed in", 200),
		func(ctx context.Context, i *personRequest) (*out[SessionList], error) { return s.sessionsOf(ctx, i.ID) })
	add(a, operation(http.MethodDelete, "/people/{id}/sessions/{session}", "endSessionOf", "people", "Sign somebody out of one browser", 204),
		func(ctx context.Context, i *personSession) (*none, error) {
			return nil, s.deps.People.EndSession(ctx, actor(ctx), i.ID, i.Session)
		})
	add(a, operation(http.MethodPut, "/session/password", "changePassword", "session", "Change my password; my other sessions end", 204),
		func(ctx context.Context, i *in[PasswordChange]) (*none, error) {
			v := visitorOf(ctx)
			return nil, s.deps.People.ChangePassword(ctx, v.operator, v.session, i.Body.OldPassword, i.Body.Password)
		})
	add(a, operation(http.MethodGet, "/session/all", "listMySessions", "session", "Where I am signed in", 200),
		func(ctx context.Context, _ *none) (*out[SessionList], error) {
			return s.sessionsOf(ctx, visitorOf(ctx).operator.ID)
		})
	add(a, operation(http.MethodDelete, "/session/all/{session}", "endMySession", "session", "Sign out of another browser", 204),
		func(ctx context.Context, i *ownSession) (*none, error) {
			return nil, s.deps.People.EndSession(ctx, actor(ctx), visitorOf(ctx).operator.ID, i.Session)
		})
}

// changePerson is not for oneself: nobody gives themselves rights, or shuts
// themselves out by a slip.
func (s *Server) changePerson(ctx context.Context, i *personChangeRequest) (*out[Person], error) {
	if err := notOneself(ctx, i.ID); err != nil {
		return nil, err
	}
	rights, err := s.rightsIn(i.Body)
	if err != nil {
		return nil, err
	}
	changed := rights != operators.RightsChange{}
	if !changed && i.Body.Disabled == nil {
		return nil, &devices.Error{Op: "person.change", Code: devices.Invalid, Field: "role", Message: "role, scope or disabled must be there"}
	}
	var o operators.Operator
	if changed {
		if o, err = s.deps.People.SetRights(ctx, actor(ctx), i.ID, rights); err != nil {
			return nil, scopeField(err)
		}
	}
	if i.Body.Disabled != nil {
		if o, err = s.deps.People.SetDisabled(ctx, actor(ctx), i.ID, *i.Body.Disabled); err != nil {
			return nil, err
		}
	}
	return &out[Person]{s.personOf(o)}, nil
}

func (s *Server) resetPassword(ctx context.Context, i *personRequest) (*out[FirstPassword], error) {
	if err := notOneself(ctx, i.ID); err != nil {
		return nil, err
	}
	o, password, err := s.deps.People.ResetPassword(ctx, actor(ctx), i.ID)
	return &out[FirstPassword]{FirstPassword{s.personOf(o), password}}, err
}

func notOneself(ctx context.Context, id operators.ID) error {
	if visitorOf(ctx).operator.ID == id {
		return newProblem(devices.Conflict, "this is your own account: another administrator has to do it, and your password you change yourself")
	}
	return nil
}

func (s *Server) sessionsOf(ctx context.Context, id operators.ID) (*out[SessionList], error) {
	all, err := s.deps.People.Sessions(ctx, id)
	current := visitorOf(ctx).session.Key
	return &out[SessionList]{SessionList{each(all, func(v operators.Session) OpenSession {
		return OpenSession{
			ID: v.ID(), Created: instant(v.Created), LastSeen: instant(v.LastSeen), Expires: instant(v.Expires),
			Address: v.Address, UserAgent: v.UserAgent, Current: v.Key == current,
		}
	})}}, err
}

func (s *Server) personOf(o operators.Operator) Person {
	return Person{
		ID: o.ID, Name: o.Name, Role: o.Role, Scope: scopeOf(o.Scope), Created: instant(o.Created), Disabled: o.Disabled, MustChange: o.MustChange,
		Factor: o.HasFactor(), FactorNeeded: s.deps.Factors.NeedsFactor(o), FactorLocked: o.FactorLocked(),
	}
}
