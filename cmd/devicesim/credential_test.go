package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The document of a credential, as the console shows it once, is a devices file.
func TestTheDocumentOfACredentialIsADevicesFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "credential.json")
	const document = `{"mqtt":"tcp://192.0.2.1:1883","mqtts":"tls://192.0.2.1:8883","fingerprint":"AB:CD","devices":[{"id":"d1","site":"s1","kind":"gate",` +
		`"name":"North in","username":"d1","password":"secret","commandKey":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}`
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := readDevices(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := f.identities()
	if err != nil || len(all) != 1 || all[0].Kind != "gate" || len(all[0].CommandKey) != 32 || f.MQTT != "tcp://192.0.2.1:1883" || f.Devices[0].Password != "secret" {
		t.Errorf("%+v, %v", all, err)
	}
}
