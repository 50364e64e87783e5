package operators_test

import (
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestRolesHaveTheirVerbsAndNoOthers(t *testing.T) {
	t.Parallel()
	const see, command, manage, handle, alarms, ledger, shifts, schedules, audit, access, broker, manageBroker = devices.SeeDevices, devices.CommandDevices, devices.ManageDevices,
		devices.HandleAlarms, devices.ManageAlarms, devices.SeeLedger, devices.ManageShifts, devices.ManageSchedules, devices.SeeAudit, devices.ManageAccess, devices.SeeBroker, devices.ManageBroker
	for role, may := range map[operators.Role][]devices.Verb{
		operators.Guard:         {see, command, handle},
		operators.Manager:       {see, command, handle, alarms, ledger, shifts, schedules, audit, broker},
		operators.Installer:     {see, command, manage, handle, alarms},
		operators.Auditor:       {see, ledger, audit, broker},
		operators.Administrator: {see, command, manage, handle, alarms, ledger, shifts, schedules, audit, access, broker, manageBroker},
		"unknown":               nil,
		"":                      nil,
	} {
		want := map[devices.Verb]bool{}
		for _, v := range may {
			want[v] = true
		}
		for _, v := range []devices.Verb{see, command, manage, handle, alarms, ledger, shifts, schedules, audit, access, broker, manageBroker, "other"} {
			if role.May(v) != want[v] {
				t.Errorf("%q may %s: %v", role, v, role.May(v))
			}
		}
		if len(operators.Verbs(role)) != len(may) {
			t.Errorf("%q has %v", role, operators.Verbs(role))
		}
	}
}
