package config

import (
	"maps"
	"slices"
	"strings"
)

// Variable is the environment variable that overrides a key, such as POSTERN_ACCOUNT_CREATED for account.created. Keys that
// hold a list or a group have none; for those it is "".
func Variable(key string) string {
	if spec, ok := table[key]; !ok || spec.kind == list || spec.kind == group || spec.kind == freeform || spec.kind == entries {
		return ""
	}
	return "POSTERN_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// Variables are all environment variables that override a key, sorted. POSTERN_CONFIG, which names the file, is not one of
// them.
func Variables() []string {
	var out []string
	for key := range table {
		if v := Variable(key); v != "" {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// environment lets variables override the file. An empty variable is one that is not set, as is usual for programs that
// cannot unset one.
func (d *decoder) environment(vars map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(table)) {
		name := Variable(key)
		value := vars[name]
		if name == "" || value == "" {
			continue
		}
		at := Origin{Variable: name}
		d.c.origins[key] = at
		d.set(key, table[key], scalar{text: value, at: at})
	}
}
