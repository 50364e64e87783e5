package arch

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/dependencies.md")

// permitted are licences under which others may use and pass on what we deliver, whatever
// their own is.
var permitted = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC0-1.0", "ISC", "MIT", "Unlicense"}

// dependency is a module that is delivered.
type dependency struct{ name, version, licence string }

// TestWhatIsDeliveredIsListedWithItsLicence keeps docs/dependencies.md, the inventory
// of what others wrote in programs and console (OWASP ASVS 5.0 15.1.2), and refuses
// licences that bind whoever delivers it.
func TestWhatIsDeliveredIsListedWithItsLicence(t *testing.T) {
	t.Parallel()
	goes, browser := goDependencies(t), browserDependencies(t)
	for _, d := range slices.Concat(goes, browser) {
		if !slices.Contains(permitted, d.licence) {
			t.Errorf("%s %s has the licence %q: it must be one of %s", d.name, d.version, d.licence, strings.Join(permitted, ", "))
		}
	}
	if len(goes) < 20 || len(browser) < 20 {
		t.Fatalf("%d modules of Go and %d of the console", len(goes), len(browser))
	}
	const path = "../docs/dependencies.md"
	want := inventory(goes, browser)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/dependencies.md is not what is delivered: go test ./arch -run Licence -update")
	}
}

// goDependencies are the modules in the programs for Linux, wherever the test runs, with
// the SQLite in C and with that in Go.
func goDependencies(t *testing.T) (list []dependency) {
	t.Helper()
	seen := map[string]bool{}
	for _, cgo := range []string{"0", "1"} {
		c := exec.Command("go", "list", "-deps", "-tags", "nomsgpack", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "./cmd/...")
		c.Dir, c.Env = "..", append(os.Environ(), "GOOS=linux", "CGO_ENABLED="+cgo)
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			f := strings.Split(strings.TrimSpace(line), "\t")
			if len(f) != 3 || seen[f[0]] {
				continue
			}
			seen[f[0]] = true
			list = append(list, dependency{f[0], f[1], licenceIn(t, f[2])})
		}
	}
	return sorted(list)
}

// licenceIn reads the licence that a module carries.
func licenceIn(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([.-].*)?$`)
	for _, e := range entries {
		if e.IsDir() || !name.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if l := licenceOf(string(text)); l != "" {
			return l
		}
	}
	return ""
}

// licenceOf knows the usual ones by the words that only they have.
func licenceOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	has := func(words string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(words)) }
	switch {
	case has("Eclipse Distribution License v1.0"):
		return "BSD-3-Clause" // that is what it says; the EPL is the other choice
	case has("GNU GENERAL PUBLIC LICENSE"), has("GNU LESSER"), has("GNU AFFERO"):
		return "GPL family"
	case has("Mozilla Public License"):
		return "MPL"
	case has("Apache License") && has("Version 2.0"):
		return "Apache-2.0"
	case has("Redistribution and use in source and binary forms") && (has("Neither the name") || has("may be used to endorse")):
		return "BSD-3-Clause"
	case has("Redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	case has("Permission is hereby granted, free of charge"):
		return "MIT"
	case has("Permission to use, copy, modify, and/or distribute this software for any purpose"), has("Permission to use, copy, modify, and distribute this software for any purpose"):
		return "ISC"
	case has("This is free and unencumbered software released into the public domain"):
		return "Unlicense"
	}
	return ""
}

// browserDependencies are the packages of the console that are not only for building it.
func browserDependencies(t *testing.T) (list []dependency) {
	t.Helper()
	content, err := os.ReadFile("../web/ui/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct {
			Version, License string
			Dev, DevOptional bool
		}
	}
	if err := json.Unmarshal(content, &lock); err != nil {
		t.Fatal(err)
	}
	seen := map[dependency]bool{}
	for path, p := range lock.Packages {
		_, name, ours := strings.Cut(path, "node_modules/")
		if !ours || p.Dev || p.DevOptional {
			continue
		}
		if i := strings.LastIndex(name, "node_modules/"); i >= 0 {
			name = name[i+len("node_modules/"):]
		}
		if d := (dependency{name, p.Version, p.License}); !seen[d] {
			seen[d] = true
			list = append(list, d)
		}
	}
	return sorted(list)
}

func sorted(list []dependency) []dependency {
	slices.SortFunc(list, func(a, b dependency) int {
		return strings.Compare(a.name+" "+a.version, b.name+" "+b.version)
	})
	return list
}

func inventory(goes, browser []dependency) string {
	var b strings.Builder
	b.WriteString(`# What others wrote in Gatehouse

Everything that is delivered in the programs (for Linux) and in the console, with its version and licence. A test writes this list
(` + "`go test ./arch -run Licence -update`" + `) and fails when it is not what is delivered, or when a licence is not one of
` + strings.Join(permitted, ", ") + `.

Known weaknesses in it are looked for by ` + "`make vuln`" + `, which needs a network, before every release and at least once a week.
One that the programs call and that can be reached from outside is mended and released within 7 days of being known, any
other that they call within 30 days, the rest with the next release.

`)
	for _, part := range []struct {
		title string
		list  []dependency
	}{{"The programs", goes}, {"The console", browser}} {
		fmt.Fprintf(&b, "## %s\n\n| module | version | licence |\n| --- | --- | --- |\n", part.title)
		for _, d := range part.list {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", d.name, d.version, d.licence)
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
