package operators

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a password, in characters.
const (
	MinPassword = 12
	MaxPassword = 128
)

const maxName = 64

//go:embed common.txt
var commonPasswords string // one per line, lower case, letters and digits only

// checkPassword refuses what is short, and what everybody tries first.
func checkPassword(password, name string) error {
	n := utf8.RuneCountInString(password)
	if n < MinPassword || n > MaxPassword || !utf8.ValidString(password) {
		return invalid("password", fmt.Sprintf("must have %d to %d characters; a few words that do not belong together are easy to remember", MinPassword, MaxPassword))
	}
	if isCommon(password, name) {
		return invalid("password", "is one that is tried first (a well-known password, a number, the name, or a row of keys); a few words that do not belong together are better")
	}
	return nil
}

func isCommon(password, name string) bool {
	plain := letters(password)
	stem := strings.Trim(plain, "0123456789")
	if stem == "" || repeats(plain) || isRow(plain) { // dates, telephone and identity numbers
		return true
	}
	own := letters(name)
	for line := range strings.Lines(commonPasswords) {
		common := strings.TrimSpace(line)
		if common != "" && (plain == common || stem == common || stem == common+common) {
			return true
		}
	}
	return own != "" && (plain == own || stem == own || stem == own+own)
}

// letters gives the letters and digits of a text in lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// repeats is true for a short piece over and over: aaaa…, 123123123….
func repeats(s string) bool {
	for size := 1; size <= min(8, len(s)/2); size++ {
		if strings.Repeat(s[:size], len(s)/size+1)[:len(s)] == s {
			return true
		}
	}
	return s == ""
}

// isRow is true for a run along the keys, the digits or the alphabet.
func isRow(s string) bool {
	for _, row := range []string{"qwertyuiopasdfghjklzxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p"} {
		if strings.Contains(strings.Repeat(row, 1+len(s)/len(row)+1), s) || strings.Contains(strings.Repeat(reverse(row), 1+len(s)/len(row)+1), s) {
			return true
		}
	}
	return false
}

func reverse(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// checkName gives the name as it is stored.
func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	n := utf8.RuneCountInString(name)
	if n < 1 || n > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", invalid("name", fmt.Sprintf("must have 1 to %d printable characters, for example \"li.wei\"", maxName))
	}
	return name, nil
}

// checkLine is for what people call something.
func checkLine(field, text string, longest int) error {
	n := utf8.RuneCountInString(text)
	if n < 1 || n > longest || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return invalid(field, fmt.Sprintf("must have 1 to %d characters in one line", longest))
	}
	return nil
}

func checkTheme(theme string) error {
	switch theme {
	case "", "auto", "light", "dark":
		return nil
	}
	return invalid("theme", `must be "auto", "light", "dark", or empty for what the browser had last`)
}

func checkLanguage(language string) error {
	switch language {
	case "", "zh-CN", "en":
		return nil
	}
	return invalid("language", `must be "zh-CN", "en", or empty for the browser's`)
}
