package credentials

import (
	"gatehouse/devices"
	"gatehouse/devices/seal"
)

func newSeal(dataKey []byte) (*seal.Seal, error) {
	s, err := seal.New(dataKey, "gatehouse command key")
	if err != nil {
		return nil, &devices.Error{Op: "credentials.new", Code: devices.Invalid, Field: "dataKey", Message: err.Error(), Err: err}
	}
	return s, nil
}

// sealKey hides a command key. It opens for the same device only.
func (s *Service) sealKey(d devices.DeviceID, key []byte) []byte { return s.seal.Hide(string(d), key) }

func (s *Service) openKey(d devices.DeviceID, sealed []byte) ([]byte, error) {
	key, err := s.seal.Show(string(d), sealed)
	if err != nil || len(key) != secretSize {
		return nil, sealError(d, err)
	}
	return key, nil
}

func sealError(d devices.DeviceID, cause error) error {
	return &devices.Error{Op: "credential.key", Code: devices.Internal, Err: cause,
		Message: "the command key of device " + string(d) + " does not open with this data key: put the right key file back, or issue the device's credential anew"}
}
