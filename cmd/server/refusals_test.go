package main

import (
	"net/http"
	"testing"

	"gatehouse/prove/mqtt"
)

func TestWhoeverMountsADeviceIsToldWhyItIsRefused(t *testing.T) {
	t.Parallel()
	p := runProgram(t, t.TempDir(), false)
	s := signUp(t, p)
	d, login := s.enrol("gate")
	type seen struct {
		Refused *struct {
			Why, Address string
			Count        int
		}
	}
	count := 0
	for _, try := range []struct{ client, user, password, why string }{
		{d.ID, login.Username, "wrong", "wrong_password"},
		{"boom", login.Username, login.Password, "wrong_client_id"},
		{d.ID, "nobody", login.Password, "wrong_user_name"},
		{"stranger", "nobody", "wrong", ""},
	} {
		refusal(t, p.MQTT, mqtt.Connect{Version: mqtt.V5, ClientID: try.client, User: try.user, Password: try.password})
		if try.why != "" {
			count++
		} else {
			try.why = "wrong_user_name" // as before
		}
		var got seen
		s.get("/devices/"+d.ID, &got)
		if r := got.Refused; r == nil || r.Why != try.why || r.Address != "127.0.0.1" || r.Count != count {
			t.Errorf("%+v: it says %+v", try, r)
		}
	}
	s.must(http.MethodDelete, "/devices/"+d.ID+"/credential", nil, 204, nil)
	refusal(t, p.MQTT, mqtt.Connect{Version: mqtt.V5, ClientID: d.ID, User: login.Username, Password: login.Password})
	var got seen
	s.get("/devices/"+d.ID, &got)
	if got.Refused == nil || got.Refused.Why != "no_credential" {
		t.Errorf("without a credential it says %+v", got.Refused)
	}
}
