package lobby

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTheLastRefusalOfADeviceIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r Refusals
		if _, ok := r.LastRefusal("d1"); ok {
			t.Error("there was none")
		}
		r.Note("d1", WrongPassword, "192.0.2.7:51234")
		time.Sleep(time.Minute)
		r.Note("d1", WrongClient, "[2001:db8::1]:1883")
		r.Note("d2", NoCredential, "somewhere\x00")
		want := Refusal{At: time.Now(), Why: WrongClient, Address: "2001:db8::1", Count: 2}
		if got, _ := r.LastRefusal("d1"); got != want {
			t.Errorf("it is %+v, want %+v", got, want)
		}
		if got, _ := r.LastRefusal("d2"); got.Address != "somewhere\uFFFD" || got.Count != 1 {
			t.Errorf("the other one is %+v", got)
		}
	})
}
