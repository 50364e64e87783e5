package devices_test

import (
	"context"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/arbiter"
)

func TestTheOutlookOfAnOrderIsWhatSendingItWouldDo(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		look := func(d devices.DeviceID, a devices.Action) (devices.Outlook, error) {
			return w.c.Outlook(d, w.request(a))
		}
		if o, err := look(w.gate.ID, devices.ActionOpen); err != nil || o.Absent == "" || o.Refuse != nil {
			t.Errorf("of a device that never came: %+v, %v", o, err)
		}
		w.up(w.gate)
		w.keeps(w.gate, "controlled", nil)
		w.layer(devices.LayerRequest{Action: devices.HoldOpen, Device: w.gate.ID})
		if o, err := look(w.gate.ID, devices.ActionOpen); err != nil || o.Absent != "" || o.Refuse != nil || o.Stack.Mode() != devices.HeldOpen {
			t.Errorf("an open under a hold open: %+v, %v", o, err)
		}
		o, err := look(w.gate.ID, devices.ActionClose)
		if rules, _ := o.Stack.Rules(); err != nil || devices.CodeOf(o.Refuse) != devices.Refused || rules.Layer != arbiter.Hold {
			t.Errorf("a close under a hold open: %+v, %v", o, err)
		}
		if _, err := look(w.gate.ID, devices.ActionPass); devices.CodeOf(err) != devices.Invalid {
			t.Errorf("what a gate cannot do: %v", err)
		}
		if _, err := look("nowhere", devices.ActionOpen); devices.CodeOf(err) != devices.NotFound {
			t.Errorf("of no device: %v", err)
		}
		if all, err := w.c.Commands(context.Background(), devices.CommandQuery{Device: w.gate.ID, Limit: 50}); err != nil || len(all) > 1 { // the mode of the hold
			t.Errorf("looking sent something: %+v, %v", all, err)
		}
	})
}
