package web

import (
	"maps"
	"net/http"

	"gatehouse/devices"
)

// accessTable is the list of every route of the server and who may use it, by what
// the routes are about. A route that is not here is refused; a test compares it with
// the router.
func accessTable() map[route]rule {
	all := map[route]rule{}
	for _, part := range accessParts() {
		maps.Copy(all, part)
	}
	return all
}

func accessParts() []map[route]rule {
	return []map[route]rule{
		publicRules(),
		accountRules(),
		peopleRules(),
		placeRules(),
		orderRules(),
		saidRules(),
		scheduleRules(),
		shiftRules(),
		brokerRules(),
		systemRules(),
	}
}

const (
	get, post, put = http.MethodGet, http.MethodPost, http.MethodPut
	patch, del     = http.MethodPatch, http.MethodDelete
)

// at is a route of the API.
func at(method, path string) route { return route{method, apiPrefix + path} }

// may is for whoever has the right, for the whole property unless names, lists or frees
// says how it is checked for a part of it.
func may(v devices.Verb) rule { return rule{who: needsVerb, verb: v} }

// proved is for whoever has the right and has just shown who they are.
func proved(v devices.Verb) rule { return rule{who: needsVerb, verb: v, fresh: true} }

// inBrowser is a rule whose route is for browsers of people only, not for programs.
func inBrowser(r rule) rule {
	r.people = true
	return r
}

// publicRules are what nobody needs a right for.
func publicRules() map[route]rule {
	return map[route]rule{
		{get, "/livez"}:          {who: setup},
		{get, "/readyz"}:         {who: setup},
		{get, mqttPath}:          {who: anybody}, // the broker asks for a ticket or a credential
		at(get, "/setup"):        {who: setup},
		at(post, "/setup"):       {who: setup},
		at(get, "/openapi.yaml"): {who: anybody},
		at(post, "/session"):     {who: anybody},
		// The cookie of a booth is asked for by their handlers.
		at(get, "/booth"):          {who: anybody},
		at(post, "/booth/session"): {who: anybody},
	}
}

// accountRules are those of one's own session and account.
func accountRules() map[route]rule {
	return map[route]rule{
		at(get, "/session"):              {who: withSession, first: true},
		at(patch, "/session"):            {who: withSession, first: true},
		at(del, "/session"):              {who: withSession, first: true},
		at(put, "/session/password"):     {who: withSession, first: true},
		at(post, "/session/factor"):      {who: withSession, first: true},
		at(put, "/session/factor"):       {who: withSession, first: true},
		at(del, "/session/factor"):       {who: withSession},
		at(post, "/session/proof"):       {who: withSession, first: true},
		at(get, "/session/all"):          {who: withSession},
		at(del, "/session/all/:session"): {who: withSession},
		at(put, "/session/pin"):          {who: withSession},
		at(del, "/session/pin"):          {who: withSession},
	}
}

// peopleRules are those of accounts of people, and foreign programs.
func peopleRules() map[route]rule {
	return map[route]rule{
		at(get, "/integrators"):                   may(devices.ManageAccess),
		at(post, "/integrators"):                  proved(devices.ManageAccess),
		at(post, "/integrators/:username/secret"): proved(devices.ManageAccess),
		at(del, "/integrators/:username"):         proved(devices.ManageAccess),
		at(get, "/audit"):                         may(devices.SeeAudit),
		at(get, "/audit/status"):                  may(devices.SeeAudit),
		at(get, "/audit/head"):                    may(devices.SeeAudit),
		at(get, "/audit/export"):                  proved(devices.SeeAudit),
		at(post, "/audit/key"):                    proved(devices.ManageAccess),
		at(get, "/people"):                        may(devices.ManageAccess),
		at(post, "/people"):                       proved(devices.ManageAccess),
		at(patch, "/people/:id"):                  proved(devices.ManageAccess),
		at(post, "/people/:id/password"):          proved(devices.ManageAccess),
		at(del, "/people/:id/factor"):             proved(devices.ManageAccess),
		at(get, "/people/:id/sessions"):           may(devices.ManageAccess),
		at(del, "/people/:id/sessions/:session"):  may(devices.ManageAccess),
		at(get, "/booths"):                        may(devices.ManageAccess),
		at(post, "/booths"):                       inBrowser(proved(devices.ManageAccess)),
		at(del, "/booths/:id"):                    may(devices.ManageAccess),
		at(get, "/tokens"):                        may(devices.ManageAccess),
		at(post, "/tokens"):                       proved(devices.ManageAccess),
		at(del, "/tokens/:id"):                    may(devices.ManageAccess),
		at(get, "/roles"):                         may(devices.ManageAccess),
		at(post, "/roles"):                        proved(devices.ManageAccess),
		at(put, "/roles/:id"):                     proved(devices.ManageAccess),
		at(del, "/roles/:id"):                     proved(devices.ManageAccess),
		at(get, "/policy/factor"):                 may(devices.ManageAccess),
		at(put, "/policy/factor"):                 proved(devices.ManageAccess),
	}
}

// placeRules are those of sites, zones and devices.
func placeRules() map[route]rule {
	return map[route]rule{
		at(get, "/live/snapshot"):           may(devices.SeeDevices).lists(),
		at(post, "/live/ticket"):            inBrowser(may(devices.SeeDevices)).lists(), // it belongs to a session
		at(post, "/sites"):                  may(devices.ManageDevices),
		at(post, "/sites/:site/zones"):      may(devices.ManageDevices).names(),
		at(post, "/devices"):                may(devices.ManageDevices).names(),
		at(patch, "/sites/:site"):           may(devices.ManageDevices).names(),
		at(get, "/plans"):                   may(devices.SeeDevices).lists(),
		at(get, "/plans/:id"):               may(devices.SeeDevices).names(),
		at(get, "/plans/:id/picture"):       may(devices.SeeDevices).names(),
		at(post, "/sites/:site/plans"):      may(devices.ManageDevices).names(),
		at(put, "/sites/:site/plans"):       may(devices.ManageDevices).names(),
		at(put, "/plans/:id"):               may(devices.ManageDevices).names(),
		at(put, "/plans/:id/picture"):       may(devices.ManageDevices).names(),
		at(del, "/plans/:id"):               may(devices.ManageDevices).names(),
		at(patch, "/zones/:zone"):           may(devices.ManageDevices).names(),
		at(post, "/devices/import"):         may(devices.ManageDevices),
		at(get, "/devices/export"):          may(devices.SeeDevices).lists(),
		at(get, "/devices/retired"):         may(devices.SeeDevices).lists(),
		at(patch, "/devices/:id"):           may(devices.ManageDevices).names(),
		at(post, "/devices/:id/retire"):     may(devices.ManageDevices).names(),
		at(post, "/devices/:id/replace"):    may(devices.ManageDevices).names(),
		at(post, "/devices/:id/transfer"):   may(devices.ManageDevices).names(),
		at(get, "/devices/:id"):             may(devices.SeeDevices).names(),
		at(get, "/devices/:id/config"):      may(devices.SeeDevices).names(),
		at(put, "/devices/:id/config"):      may(devices.ManageDevices).names(),
		at(post, "/devices/:id/credential"): may(devices.ManageDevices).names(),
		at(del, "/devices/:id/credential"):  may(devices.ManageDevices).names(),

		at(get, "/lobby"):                              may(devices.ManageDevices),
		at(put, "/lobby"):                              may(devices.ManageDevices),
		at(del, "/lobby"):                              may(devices.ManageDevices),
		at(del, "/lobby/:id"):                          may(devices.ManageDevices),
		at(post, "/lobby/:id/register"):                may(devices.ManageDevices),
		at(post, "/devices/credentials"):               proved(devices.ManageDevices).names(),
		at(put, "/devices/:id/credential/certificate"): proved(devices.ManageDevices).names(),
		at(del, "/devices/:id/credential/certificate"): may(devices.ManageDevices).names(),
	}
}

// orderRules are those of orders, holds, lockdowns and fire releases.
func orderRules() map[route]rule {
	return map[route]rule{
		at(post, "/devices/:id/commands"): may(devices.CommandDevices).names(),
		at(get, "/devices/:id/commands"):  may(devices.SeeDevices).names(),
		at(get, "/commands/:id"):          may(devices.SeeDevices).names(),
		at(post, "/commands/:id/cancel"):  may(devices.CommandDevices).names(),
		at(post, "/batches/:id/cancel"):   may(devices.CommandDevices).names(),
		at(post, "/batches"):              may(devices.CommandDevices).names(),
		at(get, "/batches"):               may(devices.SeeDevices).lists(),
		at(get, "/batches/:id"):           may(devices.SeeDevices).names(),
		at(get, "/layers"):                may(devices.SeeDevices).lists(),
		at(post, "/layers"):               may(devices.CommandDevices).names(),
		at(get, "/fire"):                  may(devices.SeeDevices).lists(),
		at(post, "/fire/release"):         may(devices.CommandDevices).names(),
		at(post, "/fire/end"):             proved(devices.CommandDevices).names(),
		at(put, "/devices/:id/fire"):      proved(devices.ManageDevices).names(), // it may take an opening out of a release that stands
	}
}

// saidRules are those of what devices said, and what came of it.
func saidRules() map[route]rule {
	return map[route]rule{
		at(get, "/devices/:id/presence"):                may(devices.SeeDevices).names(),
		at(get, "/devices/:id/changes"):                 may(devices.SeeDevices).names(),
		at(get, "/events"):                              may(devices.SeeDevices).lists(),
		at(get, "/events/export"):                       may(devices.SeeDevices).lists(),
		at(get, "/alarms"):                              may(devices.SeeDevices).lists(),
		at(get, "/alarms/counts"):                       may(devices.SeeDevices).lists(),
		at(get, "/alarms/mutes"):                        may(devices.SeeDevices).lists(),
		at(post, "/alarms/mutes"):                       may(devices.ManageAlarms).names(),
		at(del, "/alarms/mutes"):                        may(devices.ManageAlarms).names(),
		at(get, "/alarms/:id"):                          may(devices.SeeDevices).names(),
		at(get, "/alarms/:id/assignees"):                may(devices.ManageAlarms).names(),
		at(post, "/alarms/:id/acknowledge"):             may(devices.HandleAlarms).names(),
		at(post, "/alarms/:id/comments"):                may(devices.HandleAlarms).names(),
		at(post, "/alarms/:id/take"):                    inBrowser(may(devices.HandleAlarms)).names(), // somebody looks after it
		at(put, "/alarms/:id/assignee"):                 may(devices.ManageAlarms).names(),
		at(post, "/alarms/:id/resolve"):                 may(devices.ManageAlarms).names(),
		at(get, "/replay"):                              may(devices.SeeDevices).lists(),
		at(get, "/statistics"):                          may(devices.SeeDevices).lists(),
		at(get, "/statistics/export"):                   may(devices.SeeDevices).lists(),
		at(get, "/statistics/series"):                   may(devices.SeeDevices).lists(),
		at(get, "/ledger"):                              may(devices.SeeLedger).lists(),
		at(get, "/ledger/takings"):                      may(devices.SeeLedger).lists(),
		at(get, "/ledger/export"):                       may(devices.SeeLedger).lists(),
		at(get, "/quarantine"):                          may(devices.ManageDevices).lists(),
		at(get, "/devices/:id/events/:event/picture"):   may(devices.SeeDevices).names(),
		at(get, "/devices/:id/events/:event/thumbnail"): may(devices.SeeDevices).names(),
		at(get, "/pictures"):                            may(devices.SeeDevices).lists(),
		at(get, "/pictures/retention"):                  may(devices.SeeDevices).frees(),
		at(get, "/plates"):                              may(devices.SeeDevices).lists(),
	}
}

// scheduleRules are those of schedules and calendars.
func scheduleRules() map[route]rule {
	return map[route]rule{
		at(get, "/schedules"):               may(devices.SeeDevices).lists(),
		at(post, "/schedules"):              may(devices.ManageSchedules).names(),
		at(put, "/schedules/:id"):           may(devices.ManageSchedules).names(),
		at(del, "/schedules/:id"):           may(devices.ManageSchedules).names(),
		at(post, "/schedules/preview"):      may(devices.SeeDevices).names(), // it may name a device for its site's calendar
		at(post, "/schedules/dry-run"):      may(devices.ManageSchedules).names(),
		at(get, "/schedules/runs"):          may(devices.SeeDevices).lists(),
		at(get, "/schedules/statistics"):    may(devices.SeeDevices).frees(), // it counts what is in reach, and names nothing
		at(post, "/schedules/:id/run"):      may(devices.ManageSchedules).names(),
		at(post, "/schedules/:id/pause"):    may(devices.ManageSchedules).names(),
		at(post, "/schedules/:id/resume"):   may(devices.ManageSchedules).names(),
		at(put, "/schedules/:id/skip-next"): may(devices.ManageSchedules).names(),
		at(del, "/schedules/:id/skip-next"): may(devices.ManageSchedules).names(),
		at(get, "/schedules/:id/runs"):      may(devices.SeeDevices).names(),

		at(get, "/timetables"):             may(devices.SeeDevices).lists(),
		at(post, "/timetables"):            may(devices.ManageSchedules).names(),
		at(get, "/timetables/:id"):         may(devices.SeeDevices).names(),
		at(put, "/timetables/:id"):         may(devices.ManageSchedules).names(),
		at(del, "/timetables/:id"):         may(devices.ManageSchedules).names(),
		at(post, "/timetables/:id/pause"):  may(devices.ManageSchedules).names(),
		at(post, "/timetables/:id/resume"): may(devices.ManageSchedules).names(),
		at(post, "/timetables/:id/skip"):   may(devices.ManageSchedules).names(),
		at(post, "/timetables/:id/run"):    may(devices.ManageSchedules).names(),
		at(post, "/timetables/preview"):    may(devices.SeeDevices).names(),
		at(post, "/timetables/dry-run"):    may(devices.SeeDevices).names(),
		at(get, "/timetables/runs"):        may(devices.SeeDevices).lists(),
		at(get, "/timetables/:id/results"): may(devices.SeeDevices).names(),
		at(get, "/timetables/agenda"):      may(devices.SeeDevices).lists(),
		at(get, "/timetables/statistics"):  may(devices.SeeDevices),
		at(get, "/devices/:id/timetables"): may(devices.SeeDevices).names(),

		at(get, "/calendar"):                       may(devices.SeeDevices).lists(), // it may name a site of which only a zone is
		at(put, "/calendar/days/:day"):             may(devices.ManageSchedules),
		at(del, "/calendar/days/:day"):             may(devices.ManageSchedules),
		at(post, "/calendar/import"):               may(devices.ManageSchedules),
		at(put, "/sites/:site/calendar/days/:day"): may(devices.ManageSchedules).names(),
		at(del, "/sites/:site/calendar/days/:day"): may(devices.ManageSchedules).names(),
		at(post, "/sites/:site/calendar/import"):   may(devices.ManageSchedules).names(),
	}
}

// shiftRules are those of shifts. Somebody without the right to see those of others gets their own.
func shiftRules() map[route]rule {
	return map[route]rule{
		at(get, "/shifts"):                may(devices.SeeDevices).lists(),
		at(get, "/shifts/export"):         may(devices.SeeDevices).lists(),
		at(get, "/shifts/mine"):           inBrowser(may(devices.CommandDevices)).lists(),
		at(get, "/shifts/:id"):            may(devices.SeeDevices).names(),
		at(post, "/shifts"):               inBrowser(may(devices.CommandDevices)).names(),
		at(post, "/shifts/:id/notes"):     inBrowser(may(devices.CommandDevices)).names(),
		at(post, "/shifts/:id/hand-over"): inBrowser(may(devices.CommandDevices)).names(),
		at(post, "/shifts/:id/take-over"): inBrowser(may(devices.CommandDevices)).names(),
		at(post, "/shifts/:id/close"):     may(devices.ManageShifts).names(),
	}
}

// brokerRules are those of the broker.
func brokerRules() map[route]rule {
	return map[route]rule{
		at(get, "/broker/clients"):               may(devices.SeeBroker),
		at(get, "/broker/clients/:client"):       may(devices.SeeBroker),
		at(post, "/broker/clients/:client/kick"): may(devices.ManageBroker),
		at(get, "/broker/bans"):                  may(devices.SeeBroker),
		at(post, "/broker/bans"):                 may(devices.ManageBroker),
		at(post, "/broker/bans/:id/lift"):        may(devices.ManageBroker),
		at(get, "/broker/retained"):              may(devices.SeeBroker),
		at(get, "/broker/retained/message"):      may(devices.SeeBroker),
		at(del, "/broker/retained/message"):      may(devices.ManageBroker),
		at(get, "/broker/stats"):                 may(devices.SeeBroker),
		at(get, "/broker/certificates"):          may(devices.SeeBroker),
		at(get, "/broker/topics"):                may(devices.SeeBroker),
		at(post, "/broker/test-ticket"):          inBrowser(may(devices.ManageBroker)), // it belongs to a session
		at(get, "/broker/trace"):                 may(devices.SeeBroker),
		at(post, "/broker/trace"):                may(devices.ManageBroker),
		at(del, "/broker/trace"):                 may(devices.ManageBroker),
	}
}

// systemRules are those of the server itself. Its settings and its log are for those who run
// it: the log may name people and places of the whole property.
func systemRules() map[route]rule {
	return map[route]rule{
		at(get, "/system"):               may(devices.SeeBroker),
		at(get, "/system/settings"):      may(devices.ManageBroker),
		at(get, "/system/log"):           may(devices.ManageBroker),
		at(get, "/system/log/export"):    may(devices.ManageBroker),
		at(get, "/system/backups"):       may(devices.ManageBroker),
		at(post, "/system/backups"):      may(devices.ManageBroker),
		at(get, "/system/backups/:name"): may(devices.ManageBroker),
	}
}
