package web

import (
	"context"
	"net/http"

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

// accessTable is the list of every route of the server and who may use it. A route
// that is not here is refused; a test compares it with the router.
func accessTable() map[route]rule {
	const (
		get, post, put = http.MethodGet, http.MethodPost, http.MethodPut
		patch, del     = http.MethodPatch, http.MethodDelete
	)
	api := func(method, path string) route { return route{method, apiPrefix + path} }
	may := func(v devices.Verb) rule { return rule{who: needsVerb, verb: v} }
	proved := func(v devices.Verb) rule { return rule{who: needsVerb, verb: v, fresh: true} }
	return map[route]rule{
		{get, "/livez"}:  {who: setup},
		{get, "/readyz"}: {who: setup},
		{get, mqttPath}:  {who: anybody}, // the broker asks for a ticket or a credential

		api(get, "/setup"):                        {who: setup},
		api(post, "/setup"):                       {who: setup},
		api(get, "/openapi.yaml"):                 {who: anybody},
		api(post, "/session"):                     {who: anybody},
		api(get, "/session"):                      {who: withSession, first: true},
		api(patch, "/session"):                    {who: withSession, first: true},
		api(del, "/session"):                      {who: withSession, first: true},
		api(get, "/live/snapshot"):                may(devices.SeeDevices),
		api(post, "/live/ticket"):                 may(devices.SeeDevices),
		api(post, "/sites"):                       may(devices.ManageDevices),
		api(post, "/sites/:site/zones"):           may(devices.ManageDevices),
		api(post, "/devices"):                     may(devices.ManageDevices),
		api(patch, "/sites/:site"):                may(devices.ManageDevices),
		api(patch, "/zones/:zone"):                may(devices.ManageDevices),
		api(post, "/devices/import"):              may(devices.ManageDevices),
		api(get, "/devices/export"):               may(devices.SeeDevices),
		api(get, "/devices/retired"):              may(devices.SeeDevices),
		api(patch, "/devices/:id"):                may(devices.ManageDevices),
		api(post, "/devices/:id/retire"):          may(devices.ManageDevices),
		api(post, "/devices/:id/replace"):         may(devices.ManageDevices),
		api(post, "/devices/:id/transfer"):        may(devices.ManageDevices),
		api(get, "/devices/:id"):                  may(devices.SeeDevices),
		api(get, "/devices/:id/presence"):         may(devices.SeeDevices),
		api(get, "/devices/:id/config"):           may(devices.SeeDevices),
		api(get, "/devices/:id/changes"):          may(devices.SeeDevices),
		api(put, "/devices/:id/config"):           may(devices.ManageDevices),
		api(post, "/devices/:id/credential"):      may(devices.ManageDevices),
		api(del, "/devices/:id/credential"):       may(devices.ManageDevices),
		api(post, "/devices/:id/commands"):        may(devices.CommandDevices),
		api(get, "/devices/:id/commands"):         may(devices.SeeDevices),
		api(get, "/commands/:id"):                 may(devices.SeeDevices),
		api(post, "/commands/:id/cancel"):         may(devices.CommandDevices),
		api(post, "/batches/:id/cancel"):          may(devices.CommandDevices),
		api(post, "/batches"):                     may(devices.CommandDevices),
		api(get, "/batches"):                      may(devices.SeeDevices),
		api(get, "/batches/:id"):                  may(devices.SeeDevices),
		api(get, "/layers"):                       may(devices.SeeDevices),
		api(post, "/layers"):                      may(devices.CommandDevices),
		api(get, "/fire"):                         may(devices.SeeDevices),
		api(post, "/fire/release"):                may(devices.CommandDevices),
		api(post, "/fire/end"):                    proved(devices.CommandDevices),
		api(put, "/devices/:id/fire"):             proved(devices.ManageDevices), // it may take an opening out of a release that stands
		api(get, "/events"):                       may(devices.SeeDevices),
		api(get, "/alarms"):                       may(devices.SeeDevices),
		api(get, "/alarms/mutes"):                 may(devices.SeeDevices),
		api(post, "/alarms/mutes"):                may(devices.ManageAlarms),
		api(del, "/alarms/mutes"):                 may(devices.ManageAlarms),
		api(get, "/alarms/:id"):                   may(devices.SeeDevices),
		api(post, "/alarms/:id/acknowledge"):      may(devices.HandleAlarms),
		api(post, "/alarms/:id/comments"):         may(devices.HandleAlarms),
		api(post, "/alarms/:id/take"):             may(devices.HandleAlarms),
		api(put, "/alarms/:id/assignee"):          may(devices.ManageAlarms),
		api(post, "/alarms/:id/resolve"):          may(devices.ManageAlarms),
		api(get, "/statistics"):                   may(devices.SeeDevices),
		api(get, "/statistics/export"):            may(devices.SeeDevices),
		api(get, "/ledger"):                       may(devices.SeeLedger),
		api(get, "/quarantine"):                   may(devices.ManageDevices),
		api(get, "/schedules"):                    may(devices.SeeDevices),
		api(post, "/schedules"):                   may(devices.ManageSchedules),
		api(put, "/schedules/:id"):                may(devices.ManageSchedules),
		api(del, "/schedules/:id"):                may(devices.ManageSchedules),
		api(post, "/schedules/preview"):           may(devices.SeeDevices),
		api(get, "/schedules/:id/runs"):           may(devices.SeeDevices),
		api(get, "/integrators"):                  may(devices.ManageAccess),
		api(post, "/integrators"):                 proved(devices.ManageAccess),
		api(del, "/integrators/:username"):        proved(devices.ManageAccess),
		api(get, "/audit"):                        may(devices.SeeAudit),
		api(get, "/broker/clients"):               may(devices.SeeBroker),
		api(get, "/broker/clients/:client"):       may(devices.SeeBroker),
		api(post, "/broker/clients/:client/kick"): may(devices.ManageBroker),
		api(get, "/broker/retained"):              may(devices.SeeBroker),
		api(get, "/broker/retained/message"):      may(devices.SeeBroker),
		api(del, "/broker/retained/message"):      may(devices.ManageBroker),
		api(get, "/broker/stats"):                 may(devices.SeeBroker),
		api(get, "/broker/trace"):                 may(devices.SeeBroker),
		api(post, "/broker/trace"):                may(devices.ManageBroker),
		api(del, "/broker/trace"):                 may(devices.ManageBroker),

		// Pictures and plates.
		api(get, "/devices/:id/events/:event/picture"):   may(devices.SeeDevices),
		api(get, "/devices/:id/events/:event/thumbnail"): may(devices.SeeDevices),
		api(get, "/pictures"):                            may(devices.SeeDevices),
		api(get, "/pictures/retention"):                  may(devices.SeeDevices),
		api(get, "/plates"):                              may(devices.SeeDevices),

		// People and their sessions.
		api(put, "/session/password"):             {who: withSession, first: true},
		api(post, "/session/factor"):              {who: withSession, first: true},
		api(put, "/session/factor"):               {who: withSession, first: true},
		api(del, "/session/factor"):               {who: withSession},
		api(post, "/session/proof"):               {who: withSession, first: true},
		api(get, "/session/all"):                  {who: withSession},
		api(del, "/session/all/:session"):         {who: withSession},
		api(get, "/people"):                       may(devices.ManageAccess),
		api(post, "/people"):                      proved(devices.ManageAccess),
		api(patch, "/people/:id"):                 proved(devices.ManageAccess),
		api(post, "/people/:id/password"):         proved(devices.ManageAccess),
		api(del, "/people/:id/factor"):            proved(devices.ManageAccess),
		api(get, "/people/:id/sessions"):          may(devices.ManageAccess),
		api(del, "/people/:id/sessions/:session"): may(devices.ManageAccess),
		api(get, "/policy/factor"):                may(devices.ManageAccess),
		api(put, "/policy/factor"):                proved(devices.ManageAccess),
	}
}

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
	v.carried = sessionToken(c.Request, v.secure)
	if r.who == setup {
		return nil
	}
	if isAPI(c.FullPath()) && s.deps.Setup.Needed(ctx) {
		return newProblem(setupNeeded, "there is no administrator yet: POST /api/v1/setup with the token that the server printed")
	}
	if r.who == anybody {
		return nil
	}
	if v.token = v.carried; v.token == "" {
		return newProblem(operators.Unauthenticated, "sign in first")
	}
	v.rule, v.route = r, c.FullPath()
	return s.let(ctx, v)
}

// letAgain is let for a request whose body has come since: that may take bodyTimeout,
// and whoever was shut out meanwhile does nothing any more.
func (s *Server) letAgain(ctx context.Context) *Problem {
	if v := visitorOf(ctx); v.token != "" {
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
	if !r.first {
		if p := s.unfinished(o); p != nil {
			return p
		}
	}
	if r.who == needsVerb && !o.Role.May(r.verb) {
		s.deps.Log.WarnContext(ctx, "right refused", "operator", o.ID, "verb", r.verb, "route", v.route, "request", requestID(ctx))
		return newProblem(devices.Forbidden, "your role does not have the right "+string(r.verb))
	}
	if r.fresh {
		if err := s.fresh(ctx); err != nil {
			return problemOf(ctx, s.deps.Log, err, "header")
		}
	}
	return nil
}
