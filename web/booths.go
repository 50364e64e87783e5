package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// Booths are browsers that guards share; operators.Booths is one.
type Booths interface {
	List() []operators.Booth
	Make(ctx context.Context, by devices.Actor, name string, lock time.Duration) (b operators.Booth, token string, err error)
	End(ctx context.Context, by devices.Actor, id operators.BoothID) error
	// Of gives the booth of a browser's token.
	Of(token string) (operators.Booth, bool)
	Guards(ctx context.Context) ([]operators.Operator, error)
	Enter(ctx context.Context, booth string, id operators.ID, pin string, from operators.Client) (o operators.Operator, session string, err error)
}

// PINs are what guards sign in with at a booth; operators.Service keeps them.
type PINs interface {
	SetPIN(ctx context.Context, o operators.Operator, now operators.Session, pin string) error
	DropPIN(ctx context.Context, o operators.Operator, now operators.Session) error
}

// Booth is a browser that guards share.
type Booth struct {
	ID          operators.BoothID `json:"id"`
	Name        string            `json:"name"`
	LockMinutes int               `json:"lockMinutes" doc:"how long somebody stays signed in there without using it"`
	Created     time.Time         `json:"created"`
	Expires     time.Time         `json:"expires"`
}

// BoothList is every booth, by name.
type BoothList struct {
	Booths []Booth `json:"booths"`
}

// NewBooth makes the browser of the request a booth.
type NewBooth struct {
	Name        string `json:"name" minLength:"1" maxLength:"60" doc:"where it stands"`
	LockMinutes int    `json:"lockMinutes" minimum:"1" maximum:"120"`
}

// ThisBooth says whether this browser is a booth, and who can sign in there.
type ThisBooth struct {
	Booth  *Booth        `json:"booth" doc:"null: it is none"`
	Guards []BoothPerson `json:"guards" doc:"who has a PIN; empty if it is no booth"`
}

// BoothPerson is somebody who can sign in at a booth.
type BoothPerson struct {
	ID     operators.ID `json:"id"`
	Name   string       `json:"name"`
	Locked bool         `json:"locked" doc:"too many PINs were wrong: they need their password"`
}

// BoothEntry signs somebody in at a booth.
type BoothEntry struct {
	Person operators.ID `json:"person" minLength:"1" maxLength:"64"`
	PIN    string       `json:"pin" minLength:"1" maxLength:"16"`
}

// NewPIN is a PIN for booths.
type NewPIN struct {
	PIN string `json:"pin" minLength:"1" maxLength:"16" doc:"six digits, and not a row of them"`
}

type (
	boothRequest struct {
		ID operators.BoothID `path:"id" minLength:"1" maxLength:"64"`
	}
	// boothMade sets the booth's cookie, and takes that of the session away.
	boothMade struct {
		SetCookie []string `header:"Set-Cookie"`
		Body      Booth
	}
)

func (s *Server) boothRoutes(a *api) {
	add(a, operation(http.MethodGet, "/booth", "getBooth", "booths", "Is this browser a booth, and who can sign in there?", 200),
		func(ctx context.Context, _ *none) (*out[ThisBooth], error) { return s.thisBooth(ctx) })
	add(a, operation(http.MethodPost, "/booth/session", "enterBooth", "booths", "Sign in at a booth; whoever was signed in there is signed out", 200), s.enterBooth)
	add(a, operation(http.MethodGet, "/booths", "listBooths", "booths", "Browsers that guards share", 200),
		func(context.Context, *none) (*out[BoothList], error) {
			return &out[BoothList]{BoothList{each(s.deps.Booths.List(), boothOf)}}, nil
		})
	add(a, operation(http.MethodPost, "/booths", "makeBooth", "booths", "Make this browser a booth; I am signed out of it", 201), s.makeBooth)
	add(a, operation(http.MethodDelete, "/booths/{id}", "endBooth", "booths", "Make a booth an ordinary browser again", 204),
		func(ctx context.Context, i *boothRequest) (*none, error) {
			return nil, s.deps.Booths.End(ctx, actor(ctx), i.ID)
		})
	s.pinRoutes(a)
}

func (s *Server) pinRoutes(a *api) {
	add(a, operation(http.MethodPut, "/session/pin", "setPin", "session", "Set my PIN for booths", 204),
		func(ctx context.Context, i *in[NewPIN]) (*none, error) {
			v := visitorOf(ctx)
			return nil, s.deps.PINs.SetPIN(ctx, v.operator, v.session, i.Body.PIN)
		})
	add(a, operation(http.MethodDelete, "/session/pin", "dropPin", "session", "Take my PIN away", 204),
		func(ctx context.Context, _ *none) (*none, error) {
			v := visitorOf(ctx)
			return nil, s.deps.PINs.DropPIN(ctx, v.operator, v.session)
		})
}

func (s *Server) thisBooth(ctx context.Context) (*out[ThisBooth], error) {
	b, ok := s.deps.Booths.Of(visitorOf(ctx).booth)
	if !ok {
		return &out[ThisBooth]{ThisBooth{Guards: []BoothPerson{}}}, nil
	}
	guards, err := s.deps.Booths.Guards(ctx)
	booth := boothOf(b)
	return &out[ThisBooth]{ThisBooth{Booth: &booth, Guards: each(guards, func(o operators.Operator) BoothPerson {
		return BoothPerson{ID: o.ID, Name: o.Name, Locked: o.PINLocked()}
	})}}, err
}

func (s *Server) enterBooth(ctx context.Context, i *in[BoothEntry]) (*signedIn, error) {
	v := visitorOf(ctx)
	o, token, err := s.deps.Booths.Enter(ctx, v.booth, i.Body.Person, i.Body.PIN, v.client())
	if err != nil {
		return nil, err
	}
	s.endReplaced(ctx, v)
	b, _ := s.deps.Booths.Of(v.booth)
	return s.newSession(v, o, operators.Session{Booth: b.ID}, token), nil
}

// makeBooth signs whoever does it out of this browser: else the first guard there would be them.
func (s *Server) makeBooth(ctx context.Context, i *in[NewBooth]) (*boothMade, error) {
	v := visitorOf(ctx)
	b, token, err := s.deps.Booths.Make(ctx, actor(ctx), i.Body.Name, time.Duration(i.Body.LockMinutes)*time.Minute)
	if err != nil {
		return nil, err
	}
	if err := s.deps.Sessions.Logout(ctx, v.token, v.client()); err != nil {
		return nil, err
	}
	return &boothMade{SetCookie: []string{boothCookie(v, token).String(), expiredCookie(v).String()}, Body: boothOf(b)}, nil
}

func boothOf(b operators.Booth) Booth {
	return Booth{ID: b.ID, Name: b.Name, LockMinutes: int(b.Lock / time.Minute), Created: instant(b.Created), Expires: instant(b.Ends)}
}

// grantIn is what somebody may do in a session: at a booth what a guard may, too.
func (s *Server) grantIn(o operators.Operator, session operators.Session) operators.Grant {
	g := s.deps.Rights.GrantOf(o)
	if session.Booth != "" {
		g.Verbs = slices.DeleteFunc(slices.Clone(g.Verbs), func(v devices.Verb) bool { return !slices.Contains(operators.BoothVerbs(), v) })
	}
	return g
}
