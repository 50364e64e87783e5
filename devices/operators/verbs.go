package operators

import (
	"slices"
	"time"

	"gatehouse/devices"
)

// Verbs gives the rights of a role of the platform, in a fixed order; none for another one.
func Verbs(r Role) []devices.Verb {
	switch r {
	case Guard:
		return []devices.Verb{devices.SeeDevices, devices.CommandDevices, devices.HandleAlarms}
	case Manager:
		return []devices.Verb{devices.SeeDevices, devices.CommandDevices, devices.HandleAlarms, devices.ManageAlarms, devices.SeeLedger, devices.ManageShifts, devices.ManageSchedules, devices.SeeAudit,
			devices.SeeBroker}
	case Installer:
		return []devices.Verb{devices.SeeDevices, devices.CommandDevices, devices.ManageDevices, devices.HandleAlarms, devices.ManageAlarms}
	case Auditor:
		return []devices.Verb{devices.SeeDevices, devices.SeeLedger, devices.SeeAudit, devices.SeeBroker}
	case Administrator:
		return []devices.Verb{devices.SeeDevices, devices.CommandDevices, devices.ManageDevices, devices.HandleAlarms, devices.ManageAlarms, devices.SeeLedger, devices.ManageShifts,
			devices.ManageSchedules, devices.SeeAudit, devices.ManageAccess, devices.SeeBroker, devices.ManageBroker}
	}
	return nil
}

// Roles are those of the platform, the fewest rights first.
func Roles() []Role { return []Role{Guard, Auditor, Installer, Manager, Administrator} }

// May is true if it is a role of the platform that has the right.
func (r Role) May(v devices.Verb) bool { return slices.Contains(Verbs(r), v) }

// The longest life of any session.
const absoluteLife = 12 * time.Hour

// shortIdle is how long a session lives without a request whose person can change who may
// do what, or what the broker keeps (OWASP ASVS 7.3.1).
const shortIdle = 15 * time.Minute

// idleLife is how long a session lives without a request: as long as the strictest of its
// person's rights lets it. A guard's screen lasts a shift.
func idleLife(verbs []devices.Verb) time.Duration {
	if slices.Contains(verbs, devices.ManageAccess) || slices.Contains(verbs, devices.ManageBroker) {
		return shortIdle
	}
	return absoluteLife
}

// idleOf is how long a session of a person lives without a request: at a booth, where many
// look on, as short as is set there. It goes by what their role says, wherever they may use it.
func (s *Service) idleOf(v Session, o Operator) time.Duration {
	idle := idleLife(s.verbsOf(o.Role))
	if v.Lock > 0 {
		return min(v.Lock, idle)
	}
	return idle
}
