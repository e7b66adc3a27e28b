// Package required checks the props of constructs.
package required

import (
	"fmt"
	"path"
	"reflect"
	"strings"
)

// Check panics if a field of props that has the tag required:"true" has its zero
// value. The message names the package, the construct id and every missing field.
// More has the results of If, for conditions that no tag can express.
func Check(id string, props any, more ...string) {
	value := reflect.ValueOf(props)
	missing := fields(value)
	for _, name := range more {
		if name != "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		t := value.Type()
		panic(fmt.Sprintf("%s: %s: %s lacks %s", path.Base(t.PkgPath()), id, t.Name(), strings.Join(missing, ", ")))
	}
}

// fields returns the names of the missing fields, those of embedded structs included.
func fields(value reflect.Value) (missing []string) {
	for i := range value.NumField() {
		field := value.Type().Field(i)
		switch {
		case field.Anonymous:
			missing = append(missing, fields(value.Field(i))...)
		case field.Tag.Get("required") == "true" && value.Field(i).IsZero():
			missing = append(missing, field.Name)
		}
	}
	return missing
}

// If returns the name of a field, or of alternatives, if the condition makes it
// missing, and nothing otherwise.
func If(missing bool, name string) string {
	if missing {
		return name
	}
	return ""
}
