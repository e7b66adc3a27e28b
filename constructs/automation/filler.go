package automation

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// scriptRuntime is the runtime of every aws:executeScript step.
const scriptRuntime = "python3.11"

// filler completes a document: it merges shared parts in, replaces constants, and
// puts the text of scripts in place of their file names.
type filler struct {
	name      string
	files     fs.FS
	constants map[string]any
	parts     map[string]map[string]any
}

func newFiller(props RunbookProps) filler {
	f := filler{name: props.Name, files: props.Files, constants: map[string]any{"Runbook": props.Name}}
	maps.Copy(f.constants, props.Constants)
	f.read("shared/parts.yaml", &f.parts)
	return f
}

// document returns the completed document in the file.
func (f filler) document(file string) map[string]any {
	var content map[string]any
	f.read(file, &content)
	return f.object(content)
}

func (f filler) read(file string, content any) {
	text, err := fs.ReadFile(f.files, file)
	f.check(err)
	f.check(yaml.Unmarshal(text, content))
}

func (f filler) check(err error) {
	if err != nil {
		panic(fmt.Sprintf("automation: %s: %v", f.name, err))
	}
}

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

// object leaves a key out whose constant is nil: what only some environments have.
func (f filler) object(values map[string]any) map[string]any {
	values = f.withParts(values)
	filled := make(map[string]any, len(values))
	for key, value := range values {
		if value = f.value(value); value != nil {
			filled[key] = value
		}
	}
	if file, ok := values["Script"]; ok {
		filled["Script"], filled["Runtime"] = f.script(fmt.Sprint(file)), scriptRuntime
	}
	return filled
}

// withParts returns the values merged over the part that "uses" names, if any.
func (f filler) withParts(values map[string]any) map[string]any {
	name, ok := values["uses"].(string)
	if !ok {
		return values
	}
	part, ok := f.parts[name]
	if !ok {
		f.check(fmt.Errorf("shared/parts.yaml has no part %s", name))
	}
	own := maps.Clone(values)
	delete(own, "uses")
	return merge(f.withParts(part), own)
}

// merge returns base with the values of own, which replace those of the same key. Maps
// are merged at every depth, lists are replaced.
func merge(base, own map[string]any) map[string]any {
	merged := maps.Clone(base)
	for key, value := range own {
		ofBase, inBase := base[key].(map[string]any)
		ofOwn, inOwn := value.(map[string]any)
		if inBase && inOwn {
			value = merge(ofBase, ofOwn)
		}
		merged[key] = value
	}
	return merged
}

// script returns the text of a script file. Constants in it are refused: a script
// gets its values as InputPayload.
func (f filler) script(file string) string {
	scripts, err := fs.Sub(f.files, "scripts")
	f.check(err)
	text, err := joinScript(scripts, file)
	f.check(err)
	if found := placeholder.FindString(text); found != "" {
		f.check(fmt.Errorf("%s: got %s in a script, want it in InputPayload", file, found))
	}
	return text
}

func (f filler) value(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return f.object(value)
	case []any:
		return f.list(value)
	case string:
		return f.text(value)
	}
	return value
}

// list has the elements of a list in the place of its name: steps that differ
// between environments.
func (f filler) list(values []any) []any {
	var filled []any
	for _, value := range values {
		_, named := value.(string)
		value = f.value(value)
		if steps, ok := value.([]any); ok && named {
			filled = append(filled, f.list(steps)...)
			continue
		}
		filled = append(filled, value)
	}
	return filled
}

// text is a list where it is nothing but the name of one.
func (f filler) text(text string) any {
	if whole := placeholder.FindStringSubmatch(text); whole != nil && whole[0] == text {
		return f.constant(whole[1])
	}
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		return fmt.Sprint(f.constant(placeholder.FindStringSubmatch(found)[1]))
	})
}

func (f filler) constant(name string) any {
	value, ok := f.constants[name]
	if !ok {
		f.check(fmt.Errorf("unknown constant ${%s}", name))
	}
	if text, ok := value.(*string); ok {
		return *text
	}
	return value
}
