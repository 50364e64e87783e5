package devices

// Verb is a right: what somebody may do. See operators for who has which.
type Verb string

// The verbs of the platform.
const (
	SeeDevices      Verb = "devices.see"
	CommandDevices  Verb = "devices.command"
	ManageDevices   Verb = "devices.manage"
	HandleAlarms    Verb = "alarms.handle" // acknowledge, comment, take over
	ManageAlarms    Verb = "alarms.manage" // assign to others, resolve, mute
	SeeLedger       Verb = "ledger.see"
	ManageShifts    Verb = "shifts.manage" // see those of everybody, end forgotten ones
	ManageSchedules Verb = "schedules.manage"
	SeeAudit        Verb = "audit.see"
	ManageAccess    Verb = "access.manage"
	SeeBroker       Verb = "broker.see"
	ManageBroker    Verb = "broker.manage"
)
