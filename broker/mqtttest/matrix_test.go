package mqtttest

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	statementsFile = "statements.txt"
	matrixFile     = "../CONFORMANCE.md"
)

var update = flag.Bool("update", false, "write "+matrixFile)

// statement is one line of the list.
type statement struct {
	standard string // 311 or 5
	id       string // MQTT-3.1.2-24
	role     string // S, V or C
	text     string
}

// test is the name that its test has.
func (s statement) test() string {
	digits := strings.NewReplacer(".", "_", "-", "_").Replace(strings.TrimPrefix(s.id, "MQTT-"))
	return "TestMQTT" + s.standard + "_" + digits
}

// chapter is a group of statements.
type chapter struct {
	title      string
	statements []statement
}

func TestEveryStatementHasATest(t *testing.T) {
	chapters := readStatements(t)
	tests := readTests(t)
	matrix, missing := writeMatrix(chapters, tests)
	matrix = append(matrix, writeDifferences(readDifferences(t))...)
	for _, name := range missing {
		t.Errorf("%s is missing", name)
	}
	for name := range tests {
		t.Errorf("%s is the test of no statement of %s", name, statementsFile)
	}
	if *update {
		if err := os.WriteFile(matrixFile, matrix, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	old, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(old, matrix) {
		t.Errorf("%s is not what follows from the tests: run go test ./broker/mqtttest -run TestEveryStatementHasATest -update", matrixFile)
	}
}

func readStatements(t *testing.T) (list []chapter) {
	t.Helper()
	content, err := os.ReadFile(statementsFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		f := strings.Split(line, "\t")
		switch {
		case line == "":
		case len(f) == 4:
			c := &list[len(list)-1]
			c.statements = append(c.statements, statement{f[0], f[1], f[2], f[3]})
		case strings.HasPrefix(line, "# "):
			list = append(list, chapter{title: line[2:]})
		default:
			t.Fatalf("%s: %q: want standard, identifier, role and text with tabs between", statementsFile, line)
		}
	}
	return list
}

// readTests gives the tests of statements, by name, with the first line of their
// comment.
func readTests(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(d.Name.Name, "TestMQTT") {
				tests[d.Name.Name] = file
			}
		}
	}
	return tests
}

// writeMatrix gives the content of the matrix. The tests that it used are removed
// from the map.
func writeMatrix(chapters []chapter, tests map[string]string) (matrix []byte, missing []string) {
	var out bytes.Buffer
	out.WriteString(matrixHead)
	for _, c := range chapters {
		if len(c.statements) == 0 {
			continue
		}
		fmt.Fprintf(&out, "\n## %s\n\n| statement | role | in short | test |\n|---|---|---|---|\n", c.title)
		for _, s := range c.statements {
			name := s.test()
			link := fmt.Sprintf("[%s](mqtttest/%s)", name, tests[name])
			switch {
			case s.role == "C":
				link = ""
			case tests[name] == "":
				missing = append(missing, name)
				link = "**none**"
			}
			delete(tests, name)
			fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", s.id, s.role, s.text, link)
		}
	}
	return out.Bytes(), missing
}

// writeDifferences gives the last chapter of the matrix.
func writeDifferences(list []difference) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, differencesHead, mosquittoVersion)
	for _, d := range list {
		fmt.Fprintf(&out, "| %s | %s |\n", d.test, d.text)
	}
	return out.Bytes()
}

const differencesHead = `
## Mosquitto %s

The suite is run against Mosquitto too, so that it holds brokers to the standard and not to this one. These are all the tests
and parts of tests that fail there.

| test | Mosquitto |
|---|---|
`

const matrixHead = `# Conformance

Every numbered normative statement of MQTT 3.1.1 and MQTT 5.0 (OASIS), in short paraphrase, and the test that holds
the broker to it. Role: S the server must do it; V the client must, and the server polices it, so the test breaks it on
purpose; C is the client's alone. This file is written by a test: see [mqtttest](mqtttest/doc.go). Where the broker departs from the
standard on purpose is said in [DESIGN.md](DESIGN.md).
`
