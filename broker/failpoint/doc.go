// Package failpoint has the broker die at named places and lets it have known
// bugs, so that suites of tests can prove that it survives the first and that
// they would find the second.
//
// Without the build tag failpoints it is nothing: Here and Planted are empty, the
// compiler removes their calls, and no environment is read. A shipped binary is
// built without the tag. With it, the environment decides, once for the process:
//
//	GATEHOUSE_FAILPOINT=after-commit:17    exits with ExitCode at the 17th pass
//	GATEHOUSE_PLANTED=skip-sync            has this bug
package failpoint

// Point is a place at which the process can be made to end.
type Point string

// The places.
const (
	BeforeCommit Point = "before-commit" // changes have gathered, the store has none of them
	Written      Point = "written"       // the store has written them and not synced
	AfterCommit  Point = "after-commit"  // they are durable, nobody was told
	AfterAck     Point = "after-ack"     // everybody was told

	NewSegment  Point = "new-segment"  // the store has a new file, its name is not yet durable
	Copied      Point = "copied"       // what is live in an old file was copied, the file is still there
	MidCleaning Point = "mid-cleaning" // an old file is gone, that is not yet durable
)

// Bug is a fault that can be planted.
type Bug string

// The bugs.
const (
	AckBeforeCommit Bug = "ack-before-commit" // everything counts as durable at once
	SkipSync        Bug = "skip-sync"         // the store writes and does not sync
	ForgetIncoming  Bug = "forget-incoming"   // a restart forgets which QoS 2 messages are owned
	DoubleDelivery  Bug = "double-delivery"   // a restart delivers some messages again
)

// ExitCode is the exit code of a process that ended at a point.
const ExitCode = 77
