package configs

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/viper"
)

// variable is the form of a key in the environment.
func variable(prefix, key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// readEnv takes the variables that name a key. One that begins like the keys of
// a section and is none of them is refused: it would have been forgotten
// silently. Others that begin with the prefix belong to other programs.
func readEnv(v *viper.Viper, prefix string, env []string, keys []key, from sources) []Problem {
	byVariable := map[string]key{}
	files := map[string]key{}
	var all, sections []string
	for _, k := range keys {
		name := variable(prefix, k.name)
		byVariable[name] = k
		all = append(all, name)
		if k.secret() {
			files[name+"_FILE"] = k
			all = append(all, name+"_FILE")
		}
		if section, _, nested := strings.Cut(k.name, "."); nested {
			sections = append(sections, variable(prefix, section)+"_")
		}
	}
	var problems []Problem
	given := map[string]string{} // key → variable
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		if value == "" || !strings.HasPrefix(name, prefix) {
			continue
		}
		k, ok := byVariable[name]
		if !ok {
			if k, ok = files[name]; ok {
				content, want := secretFile(value)
				if want != "" {
					problems = append(problems, Problem{k.name, name, value, want})
					continue
				}
				value = content
			}
		}
		if !ok {
			if slices.ContainsFunc(sections, func(s string) bool { return strings.HasPrefix(name, s) }) {
				problems = append(problems, Problem{
					Key: name, From: "environment",
					Want: fmt.Sprintf("there is no such key; the nearest is %s", nearest(name, all)),
				})
			}
			continue
		}
		if other, twice := given[k.name]; twice {
			problems = append(problems, Problem{k.name, other + ", " + name, "", "give only one of the two"})
			continue
		}
		given[k.name] = name
		from[k.name] = name
		v.Set(k.name, value)
	}
	return problems
}

// secretFile reads a secret, or says what is wrong with its file. A group may read it:
// that is how secrets are handed to services.
func secretFile(path string) (content, want string) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o007 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Sprintf("everybody on this machine may use the file (mode %04o); run: chmod o= %s", info.Mode().Perm(), path)
	}
	b, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return "", "the file cannot be read: " + err.Error()
	}
	return strings.TrimRight(string(b), "\r\n"), ""
}
