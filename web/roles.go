package web

import (
	"context"
	"net/http"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

// Roles keeps the roles that administrators make; operators.Service does.
type Roles interface {
	OwnRoles() []operators.OwnRole
	CreateRole(ctx context.Context, by devices.Actor, name string, verbs []devices.Verb) (operators.OwnRole, error)
	ChangeRole(ctx context.Context, by devices.Actor, id operators.Role, name string, verbs []devices.Verb) (operators.OwnRole, error)
	RemoveRole(ctx context.Context, by devices.Actor, id operators.Role) error
}

// Role is a named set of rights.
type Role struct {
	ID    operators.Role `json:"id"`
	Name  string         `json:"name" doc:"of an own role; empty: it is one of the platform, and called by its id"`
	Own   bool           `json:"own" doc:"an administrator made it: it can be changed, and removed when nobody has it"`
	Verbs []devices.Verb `json:"verbs" enum:"devices.see,devices.command,devices.manage,alarms.handle,alarms.manage,ledger.see,shifts.manage,schedules.manage,audit.see,access.manage,broker.see,broker.manage"`
}

// RoleList is the roles of the platform, the fewest rights first, and then own ones by
// name.
type RoleList struct {
	Roles []Role `json:"roles"`
}

// NewRole is an own role.
type NewRole struct {
	Name  string         `json:"name" minLength:"1" maxLength:"40"`
	Verbs []devices.Verb `json:"verbs" minItems:"1" maxItems:"32" enum:"devices.see,devices.command,devices.manage,alarms.handle,alarms.manage,ledger.see,shifts.manage,schedules.manage,audit.see,access.manage,broker.see,broker.manage"`
}

type roleID struct {
	ID operators.Role `path:"id" minLength:"1" maxLength:"64"`
}

type putRole struct {
	ID   operators.Role `path:"id" minLength:"1" maxLength:"64"`
	Body NewRole
}

func (s *Server) roleRoutes(a *api) {
	add(a, operation(http.MethodGet, "/roles", "listRoles", "people", "Roles, and what each may do", 200),
		func(context.Context, *none) (*out[RoleList], error) {
			list := each(operators.Roles(), func(r operators.Role) Role { return Role{ID: r, Verbs: operators.Verbs(r)} })
			return &out[RoleList]{RoleList{append(list, each(s.deps.Roles.OwnRoles(), roleOf)...)}}, nil
		})
	add(a, operation(http.MethodPost, "/roles", "createRole", "people", "Make a role of rights", 201),
		func(ctx context.Context, i *in[NewRole]) (*out[Role], error) {
			made, err := s.deps.Roles.CreateRole(ctx, actor(ctx), i.Body.Name, i.Body.Verbs)
			return &out[Role]{roleOf(made)}, err
		})
	add(a, operation(http.MethodPut, "/roles/{id}", "changeRole", "people", "Give an own role another name and other rights", 200),
		func(ctx context.Context, i *putRole) (*out[Role], error) {
			made, err := s.deps.Roles.ChangeRole(ctx, actor(ctx), i.ID, i.Body.Name, i.Body.Verbs)
			return &out[Role]{roleOf(made)}, err
		})
	add(a, operation(http.MethodDelete, "/roles/{id}", "removeRole", "people", "Remove an own role that nobody has", 204),
		func(ctx context.Context, i *roleID) (*none, error) {
			return nil, s.deps.Roles.RemoveRole(ctx, actor(ctx), i.ID)
		})
}

func roleOf(r operators.OwnRole) Role {
	return Role{ID: r.ID, Name: r.Name, Own: true, Verbs: each(r.Verbs, func(v devices.Verb) devices.Verb { return v })}
}

// roleName is what an own role is called; empty for one of the platform.
func (s *Server) roleName(id operators.Role) string {
	for _, r := range s.deps.Roles.OwnRoles() {
		if r.ID == id {
			return r.Name
		}
	}
	return ""
}
