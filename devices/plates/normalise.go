package plates

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalise gives the form in which plates are compared: NFKC (full width becomes
// ordinary), capitals, and letters and digits only, without the spaces, dots and
// hyphens that some write.
func Normalise(plate string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(plate))
}

// credentialPrefix is what the credential of a passage begins with if it is a plate.
const credentialPrefix = "plate:"

// OfCredential is the plate that a passage's credential names, normalised; empty if
// it names none.
func OfCredential(credential string) string {
	plate, ok := strings.CutPrefix(credential, credentialPrefix)
	if !ok {
		return ""
	}
	return Normalise(plate)
}
