package web

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/devices"
	"gatehouse/devices/credentials"
)

func TestACertificateIsAdmittedOnlyWhereOneCanBeVerified(t *testing.T) {
	t.Parallel()
	without := newHouse(t)
	without.admin("PUT", "/devices/d1/credential/certificate", `{}`).problem(http.StatusConflict, "conflict")
	if without.keys.actor != (devices.Actor{}) {
		t.Error("the credential was changed all the same")
	}
	h := newHouse(t, func(d *Deps) { d.DeviceCA = true })
	h.keys.shown = credentials.Shown{Fingerprint: "5a5a", Until: noon}
	a := h.admin("PUT", "/devices/d1/credential/certificate", `{"only":true}`).wants(http.StatusOK)
	if !h.keys.only || h.keys.actor != wang || !strings.Contains(a.body, `"password":""`) {
		t.Errorf("only %v by %+v: %s", h.keys.only, h.keys.actor, a.body)
	}
	if a := h.admin("GET", "/devices/d1", "").wants(http.StatusOK); !strings.Contains(a.body, `"authorities":true,"shown":{"fingerprint":"5a5a","until":"2026-11-21T12:00:00Z"}`) {
		t.Errorf("the device is %s", a.body)
	}
	h.admin("PUT", "/devices/d9/credential/certificate", `{}`).problem(http.StatusNotFound, "not_found")
	h.admin("DELETE", "/devices/d1/credential/certificate", "").wants(http.StatusNoContent)
	h.admin("DELETE", "/devices/i1/credential/certificate", "").problem(http.StatusNotFound, "not_found")
	if h.keys.revoked != "certificate of d1" {
		t.Errorf("refused %q", h.keys.revoked)
	}
}

func TestCredentialsOfManyDevicesAskBeforeOnlineOnesAreCut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("POST", "/devices/credentials", `{"devices":["d1"]}`).problem(http.StatusConflict, "conflict") // d1 is online
	h.admin("POST", "/devices/credentials", `{"devices":["d1","d9"],"cut":true}`).names("body.devices")
	h.admin("POST", "/devices/credentials", `{"devices":[]}`).names("body.devices")
	if h.keys.many != 0 {
		t.Fatal("credentials were made all the same")
	}
	a := h.admin("POST", "/devices/credentials", `{"devices":["d1"],"cut":true}`).wants(http.StatusCreated)
	if h.keys.many != 1 || h.keys.actor != wang || !strings.Contains(a.body, `\r\n`) || !strings.Contains(a.body, `gate,North in,d1,d1,d1,secret,key,prefix/s1/d1,192.0.2.1:1883,,\r\n`) {
		t.Errorf("%d made by %+v: %s", h.keys.many, h.keys.actor, a.body)
	}
}

func TestDevicesAreToldAnAddressThatTheyCanReach(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"0.0.0.0:1883": "gate.example.org:1883", "[::]:1883": "gate.example.org:1883", ":1883": "gate.example.org:1883",
		"192.0.2.1:1883": "192.0.2.1:1883", "mqtt.example.org:1883": "mqtt.example.org:1883",
	} {
		h := newHouse(t, func(d *Deps) { d.MQTTAddress, d.MQTTSAddress = address, address })
		a := h.admin("POST", "/devices/d1/credential", "", func(r *http.Request) { r.Host = "gate.example.org:8080" }).wants(http.StatusCreated)
		if !strings.Contains(a.body, `"mqtt":"`+want+`"`) || !strings.Contains(a.body, `"mqtts":"`+want+`"`) {
			t.Errorf("%s: %s", address, a.body)
		}
	}
}
