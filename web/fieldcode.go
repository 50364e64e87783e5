package web

import (
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
)

// The codes of wrong fields: what a console translates by.
const (
	fieldRequired   = "required"
	fieldUnexpected = "unexpected"
	fieldTooShort   = "too_short"
	fieldTooLong    = "too_long"
	fieldTooSmall   = "too_small"
	fieldTooBig     = "too_big"
	fieldTooFew     = "too_few"
	fieldTooMany    = "too_many"
	fieldNotOneOf   = "not_one_of"
	fieldFormat     = "format"
	fieldWrong      = "wrong" // what only the message says
)

// fieldRule is a message of huma's, as it is written there, and its code. bound is
// true if what stands in the message is a number that was crossed.
type fieldRule struct {
	message, code string
	bound         bool
}

func fieldRules() []fieldRule {
	return []fieldRule{
		{validation.MsgUnexpectedProperty, fieldUnexpected, false},
		{validation.MsgExpectedMinLength, fieldTooShort, true},
		{validation.MsgExpectedMaxLength, fieldTooLong, true},
		{validation.MsgExpectedMinimumNumber, fieldTooSmall, true},
		{validation.MsgExpectedMaximumNumber, fieldTooBig, true},
		{validation.MsgExpectedMinItems, fieldTooFew, true},
		{validation.MsgExpectedMaxItems, fieldTooMany, true},
		{validation.MsgExpectedOneOf, fieldNotOneOf, false},
		{validation.MsgExpectedRequiredProperty, fieldRequired, false},
		{"required query parameter is missing", fieldRequired, false},
		{"required header parameter is missing", fieldRequired, false},
		{validation.MsgExpectedRFC3339DateTime, fieldFormat, false},
		{validation.MsgExpectedRFC3339Date, fieldFormat, false},
		{validation.MsgExpectedBoolean, fieldFormat, false},
		{validation.MsgExpectedNumber, fieldFormat, false},
		{validation.MsgExpectedInteger, fieldFormat, false},
		{validation.MsgExpectedString, fieldFormat, false},
		{validation.MsgExpectedArray, fieldFormat, false},
		{validation.MsgExpectedObject, fieldFormat, false},
		{validation.MsgExpectedMatchPattern, fieldFormat, false},
		{validation.MsgExpectedBePattern, fieldFormat, false},
	}
}

// fieldCode gives the code of a message of huma's, and the number that was crossed if
// there is one. huma has no codes of its own: what it says is told apart by the texts
// that it says it with, and a test asks for each of them.
func fieldCode(message string) (code string, bound *float64) {
	for _, r := range fieldRules() {
		before, _, open := strings.Cut(r.message, "%")
		if message != r.message && (!open || !strings.HasPrefix(message, before)) {
			continue
		}
		if !r.bound {
			return r.code, nil
		}
		var n float64
		if _, err := fmt.Sscan(strings.TrimPrefix(message, before), &n); err == nil {
			return r.code, &n
		}
	}
	return fieldWrong, nil
}
