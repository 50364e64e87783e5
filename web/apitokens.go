package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// APITokens are the tokens of programs; operators.APITokens is one.
type APITokens interface {
	// Check gives the token of a text and its maker; otherwise the error Unauthenticated.
	Check(ctx context.Context, text, address string) (operators.APIToken, operators.Operator, error)
	Issue(ctx context.Context, by devices.Actor, maker operators.Operator, n operators.NewAPIToken) (t operators.APIToken, text string, err error)
	List() []operators.APIToken
	Revoke(ctx context.Context, by devices.Actor, id operators.APITokenID) error
}

// APIToken lets a program use the API with some rights of whoever made it.
type APIToken struct {
	ID          operators.APITokenID `json:"id"`
	Name        string               `json:"name"`
	Maker       string               `json:"maker" doc:"name of who made it: it may never do more than they"`
	Verbs       []devices.Verb       `json:"verbs" enum:"devices.see,devices.command,devices.manage,alarms.handle,alarms.manage,ledger.see,shifts.manage,schedules.manage,audit.see,broker.see,broker.manage"`
	Sites       []devices.SiteID     `json:"sites" doc:"that it is limited to; empty: wherever its maker may"`
	Created     time.Time            `json:"created"`
	Expires     time.Time            `json:"expires"`
	LastUsed    *time.Time           `json:"lastUsed" doc:"null: never"`
	LastAddress string               `json:"lastAddress" doc:"where it was used last; empty: never"`
}

// APITokenList is every token, the newest first.
type APITokenList struct {
	Tokens []APIToken `json:"tokens"`
}

// NewAPIToken makes a token.
type NewAPIToken struct {
	Name    string           `json:"name" minLength:"1" maxLength:"100" doc:"which program has it"`
	Verbs   []devices.Verb   `json:"verbs" minItems:"1" maxItems:"16" enum:"devices.see,devices.command,devices.manage,alarms.handle,alarms.manage,ledger.see,shifts.manage,schedules.manage,audit.see,broker.see,broker.manage" doc:"rights that it is to have; only such as you have"`
	Sites   []devices.SiteID `json:"sites,omitempty" maxItems:"200" doc:"that it is to be limited to; left out: wherever you may"`
	Expires time.Time        `json:"expires" doc:"at most a year ahead"`
}

// IssuedAPIToken is a token at the one moment in which it is shown.
type IssuedAPIToken struct {
	Token  APIToken `json:"token"`
	Secret string   `json:"secret" doc:"for the header Authorization: Bearer …; it is shown once" example:"gth_0Vn…"`
}

type apiTokenRequest struct {
	ID operators.APITokenID `path:"id" minLength:"1" maxLength:"64"`
}

func (s *Server) apiTokenRoutes(a *api) {
	add(a, operation(http.MethodGet, "/tokens", "listTokens", "tokens", "Tokens with which programs use the API", 200),
		func(ctx context.Context, _ *none) (*out[APITokenList], error) {
			people, err := s.deps.People.List(ctx)
			if err != nil {
				return nil, err
			}
			names := make(map[operators.ID]string, len(people))
			for _, o := range people {
				names[o.ID] = o.Name
			}
			return &out[APITokenList]{APITokenList{each(s.deps.APITokens.List(), func(t operators.APIToken) APIToken {
				return apiTokenOf(t, names[t.Maker])
			})}}, nil
		})
	add(a, operation(http.MethodPost, "/tokens", "createToken", "tokens", "Make a token for a program", 201),
		func(ctx context.Context, i *in[NewAPIToken]) (*out[IssuedAPIToken], error) {
			o := visitorOf(ctx).operator
			t, text, err := s.deps.APITokens.Issue(ctx, actor(ctx), o, operators.NewAPIToken{Name: i.Body.Name, Verbs: i.Body.Verbs, Sites: i.Body.Sites, Ends: i.Body.Expires})
			return &out[IssuedAPIToken]{IssuedAPIToken{apiTokenOf(t, o.Name), text}}, err
		})
	add(a, operation(http.MethodDelete, "/tokens/{id}", "revokeToken", "tokens", "End a token at once", 204),
		func(ctx context.Context, i *apiTokenRequest) (*none, error) {
			return nil, s.deps.APITokens.Revoke(ctx, actor(ctx), i.ID)
		})
}

func apiTokenOf(t operators.APIToken, maker string) APIToken {
	return APIToken{
		ID: t.ID, Name: t.Name, Maker: maker, Verbs: each(t.Verbs, func(v devices.Verb) devices.Verb { return v }),
		Sites: each(t.Sites, func(s devices.SiteID) devices.SiteID { return s }), Created: instant(t.Created), Expires: instant(t.Ends), LastUsed: instantOrNull(t.LastUsed), LastAddress: t.LastAddress,
	}
}

// bearer is the API token of a request, in the one place where it may be; empty if it has none.
func bearer(r *http.Request) string {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "" // a proxy before the console may ask for a password of its own
	}
	if text = strings.TrimSpace(text); text == "" || len(text) > 128 {
		return "-" // no token has this form
	}
	return text
}

// letProgram lets a program do what the rule of the route asks for, if its token may and whoever
// made it. What is about people, rights, sessions and tokens, and what asks for a fresh proof, is for
// people only.
func (s *Server) letProgram(ctx context.Context, v *visitor) *Problem {
	t, maker, err := s.deps.APITokens.Check(ctx, v.bearer, v.address)
	if err != nil {
		return problemOf(ctx, s.deps.Log, err, "header")
	}
	v.program, v.operator = &t, maker
	v.grant = t.Grant(s.deps.Rights.GrantOf(maker))
	r := v.rule
	switch {
	case r.who != needsVerb || r.fresh || r.people || r.verb == devices.ManageAccess:
		return forPeople()
	case !v.grant.May(r.verb):
		s.rightRefused(ctx, v, devices.Forbidden)
		s.deps.Log.WarnContext(ctx, "right refused", "token", t.ID, "operator", maker.ID, "verb", r.verb, "route", v.route, "request", requestID(ctx))
		return newProblem(devices.Forbidden, "the token does not have the right "+string(r.verb)+", or whoever made it has it no more")
	}
	v.reach = s.deps.Rights.Reach(v.grant)
	return s.reaches(ctx, v)
}

func forPeople() *Problem {
	return newProblem(devices.Forbidden, "this is for people who are signed in, not for programs with a token")
}
