package access

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// maxFile bounds a file that is read as a whole, in bytes.
const maxFile = 64 << 20

// FileError says what is wrong with a line of a file, and what would be right.
type FileError struct {
	File   string
	Line   int // from 1
	Detail string
}

// Error implements error.
func (e *FileError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Detail) }

// readFile reads a file of at most maxFile bytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the file that the options name
	if err != nil {
		return nil, plainError(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, plainError(path, err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s is longer than %d bytes", path, maxFile)
	}
	return text, nil
}

// plainError names the file once.
func plainError(path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s cannot be read: %w", path, err)
}

// eachLine gives the lines of a text to take, without the blanks around them,
// comments and empty lines. The first error ends it; it is said with file and line.
func eachLine(file string, text []byte, take func(line string) error) error {
	n := 0
	for part := range bytes.Lines(text) {
		n++
		line := string(part)
		err := checkLine(line, n)
		if line = strings.TrimFunc(line, blank); err == nil && line != "" && line[0] != '#' {
			err = take(line)
		}
		if err != nil {
			return &FileError{file, n, err.Error()}
		}
	}
	return nil
}

// checkLine refuses what no editor of such a file means to write.
func checkLine(line string, n int) error {
	switch {
	case n == 1 && strings.HasPrefix(line, "\uFEFF"):
		return errors.New("the file begins with a byte order mark: save it as UTF-8 without one")
	case !utf8.ValidString(line):
		return errors.New("the line is not UTF-8: save the file as UTF-8")
	case strings.IndexByte(line, 0) >= 0:
		return errors.New("the line holds a zero byte: the file has to be text")
	}
	return nil
}

// blank reports what Mosquitto trims around words: the white space of C.
func blank(r rune) bool { return r == ' ' || r >= '\t' && r <= '\r' }
