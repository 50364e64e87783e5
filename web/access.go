package web

import (
	"context"

	"github.com/gin-gonic/gin"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// rule says who may use a route.
type rule struct {
	who  who
	verb devices.Verb // with needsVerb
	// first is true for what can be done before an account is finished: its password
	// is its owner's, and it has the second factor that its role needs.
	first bool
	// fresh is true for what asks for a proof of who somebody is, of the last minutes.
	fresh bool
	// people is true for what is of no use, or of danger, to a program with a token.
	people bool
	// extent is what of the property it is about. Left out: all of it.
	extent extent
}

// names is the rule of a route about what its path, query and body name, lists of one
// about what is in reach, and frees of one about nothing of the property.
func (r rule) names() rule { return r.over(named) }

func (r rule) lists() rule { return r.over(listed) }

func (r rule) frees() rule { return r.over(free) }

func (r rule) over(e extent) rule {
	r.extent = e
	return r
}

// who is the kind of a rule.
type who byte

const (
	anybody     who = iota + 1 // nothing of a property is behind it, or it checks by itself
	setup                      // anybody, and also before there is an administrator
	withSession                // anybody with a session
	needsVerb                  // a session whose role has the verb
)

// route is a method and a path as the router knows it.
type route struct{ method, path string }

// authorise lets a request through to its handler, or answers for it. Paths that
// match no route go on: they are answered by what is behind the router (the
// console's pages, 404, 405).
func (s *Server) authorise(c *gin.Context) {
	if c.FullPath() == "" {
		return
	}
	r, known := s.access[route{c.Request.Method, c.FullPath()}]
	if p := s.check(c, r, known); p != nil {
		writeProblem(c.Writer, p)
		c.Abort()
	}
}

func (s *Server) check(c *gin.Context, r rule, known bool) *Problem {
	ctx := c.Request.Context()
	if !known {
		s.deps.Log.ErrorContext(ctx, "route without an access rule", "method", c.Request.Method, "route", c.FullPath())
		return newProblem(devices.Forbidden, "nobody may use this")
	}
	v := visitorOf(ctx)
	v.carried, v.booth = sessionToken(c.Request, v.secure), boothToken(c.Request, v.secure)
	if r.who == setup {
		return nil
	}
	if isAPI(c.FullPath()) && s.deps.Setup.Needed(ctx) {
		return newProblem(setupNeeded, "there is no administrator yet: POST /api/v1/setup with the token that the server printed")
	}
	if r.who == anybody {
		return nil
	}
	v.rule, v.method, v.route = r, c.Request.Method, c.FullPath()
	if v.bearer = bearer(c.Request); v.bearer != "" { // a cookie beside it does not count
		return s.letProgram(ctx, v)
	}
	if v.token = v.carried; v.token == "" {
		return newProblem(operators.Unauthenticated, "sign in first")
	}
	return s.let(ctx, v)
}

// letAgain is let for a request whose body has come since: that may take bodyTimeout,
// and whoever was shut out meanwhile does nothing any more.
func (s *Server) letAgain(ctx context.Context) *Problem {
	switch v := visitorOf(ctx); {
	case v.program != nil:
		return s.letProgram(ctx, v)
	case v.token != "":
		return s.let(ctx, v)
	}
	return nil
}

// let lets somebody who has a session do what the rule of the route asks for.
func (s *Server) let(ctx context.Context, v *visitor) *Problem {
	r := v.rule
	o, session, err := s.deps.Sessions.Authenticate(ctx, v.token)
	if err != nil {
		return problemOf(ctx, s.deps.Log, err, "header")
	}
	v.operator, v.session = o, session
	v.grant = s.grantIn(o, session)
	if !r.first {
		if p := s.unfinished(o); p != nil {
			return p
		}
	}
	if r.who == needsVerb {
		if p := s.may(ctx, v); p != nil {
			return p
		}
	}
	if r.fresh {
		if err := s.fresh(ctx); err != nil {
			return problemOf(ctx, s.deps.Log, err, "header")
		}
	}
	return nil
}

// may is nil if whoever asks has the right that the route needs, here and now.
func (s *Server) may(ctx context.Context, v *visitor) *Problem {
	if !v.grant.May(v.rule.verb) {
		s.rightRefused(ctx, v, devices.Forbidden)
		s.deps.Log.WarnContext(ctx, "right refused", "operator", v.operator.ID, "verb", v.rule.verb, "route", v.route, "request", requestID(ctx))
		return newProblem(devices.Forbidden, "you do not have the right "+string(v.rule.verb))
	}
	v.reach = s.deps.Rights.Reach(v.grant)
	return s.reaches(ctx, v)
}
