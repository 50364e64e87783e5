package credentials

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"

	"gatehouse/devices"
)

// sealVersion is the first byte of a sealed key.
const sealVersion = 1

func newSeal(dataKey []byte) (cipher.AEAD, error) {
	fail := func(message string, cause error) (cipher.AEAD, error) {
		return nil, &devices.Error{Op: "credentials.new", Code: devices.Invalid, Field: "dataKey", Message: message, Err: cause}
	}
	if len(dataKey) != secretSize {
		return fail("must have 32 bytes", nil)
	}
	block, err := aes.NewCipher(dataKey)
	if err != nil {
		return fail("cannot be used", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return fail("cannot be used", err)
	}
	return seal, nil
}

// sealKey hides a command key under the data key: version, nonce, ciphertext. It
// opens for the same device only.
func (s *Service) sealKey(d devices.DeviceID, key []byte) []byte {
	out := make([]byte, 1+s.seal.NonceSize(), 1+s.seal.NonceSize()+len(key)+s.seal.Overhead())
	out[0] = sealVersion
	nonce := out[1:]
	_, _ = rand.Read(nonce)                         // never fails: it ends the program instead
	return s.seal.Seal(out, nonce, key, boundTo(d)) //nolint:gosec // the nonce was filled by rand.Read
}

func (s *Service) openKey(d devices.DeviceID, sealed []byte) ([]byte, error) {
	n := 1 + s.seal.NonceSize()
	if len(sealed) < n || sealed[0] != sealVersion {
		return nil, sealError(d, nil)
	}
	key, err := s.seal.Open(nil, sealed[1:n], sealed[n:], boundTo(d))
	if err != nil || len(key) != secretSize {
		return nil, sealError(d, err)
	}
	return key, nil
}

func boundTo(d devices.DeviceID) []byte { return []byte("gatehouse command key\x00" + string(d)) }

func sealError(d devices.DeviceID, cause error) error {
	return &devices.Error{Op: "credential.key", Code: devices.Internal, Err: cause,
		Message: "the command key of device " + string(d) + " does not open with this data key: put the right key file back, or issue the device's credential anew"}
}
