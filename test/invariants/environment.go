// Package invariants holds what is true of every environment that the
// configuration accepts. It reads what was synthesized, as the CDK CLI would.
package invariants

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
)

// Environment is an environment and its synthesized stacks.
type Environment struct {
	config.Config

	// Stacks are in the order of their deployment.
	Stacks []Stack

	// Missing is what CDK would have to look up in the account.
	Missing []any
}

// Stack is one stack of an assembly.
type Stack struct {
	assembly.Stack

	// Text is the template as it was written.
	Text string

	// Notes are CDK's annotations, such as warnings, by the path of the construct.
	Notes map[string][]Note
}

// Object is a JSON object.
type Object = map[string]any

// Resource is one resource of a template, and where it is.
type Resource struct {
	assembly.Resource

	Stack string
}

func (r Resource) String() string { return r.Stack + "/" + r.ID + " (" + r.Type + ")" }

// Note is an entry of the metadata, such as a warning.
type Note struct {
	Type string
	Data any
}

// artifact is the part of a stack's artifact that package assembly does not read.
type artifact struct {
	Metadata               map[string][]Note
	AdditionalMetadataFile string
	Properties             struct{ TemplateFile string }
}

// Load reads the assembly of an environment from its directory.
func Load(cfg config.Config, dir string) (*Environment, error) {
	synthesized, err := assembly.Load(dir)
	if err != nil {
		return nil, err
	}
	var manifest struct {
		Missing   []any
		Artifacts map[string]artifact
	}
	if err := decode(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return nil, err
	}
	env := &Environment{Config: cfg, Missing: manifest.Missing}
	for _, stack := range synthesized.Stacks {
		found, err := manifest.Artifacts[stack.ID].read(dir, stack)
		if err != nil {
			return nil, err
		}
		env.Stacks = append(env.Stacks, found)
	}
	return env, nil
}

func (a artifact) read(dir string, of assembly.Stack) (Stack, error) {
	text, err := os.ReadFile(filepath.Join(dir, a.Properties.TemplateFile))
	if err != nil {
		return Stack{}, err
	}
	stack := Stack{Stack: of, Text: string(text), Notes: map[string][]Note{}}
	maps.Copy(stack.Notes, a.Metadata)
	if a.AdditionalMetadataFile != "" {
		err = decode(filepath.Join(dir, a.AdditionalMetadataFile), &stack.Notes)
	}
	return stack, err
}

func decode(file string, value any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, value)
}

// Resources returns the resources of the types in all stacks, in a stable order;
// without a type, all.
func (e *Environment) Resources(types ...string) (found []Resource) {
	for _, stack := range e.Stacks {
		for _, id := range slices.Sorted(maps.Keys(stack.Template.Resources)) {
			resource := stack.Template.Resources[id]
			if len(types) == 0 || slices.Contains(types, resource.Type) {
				found = append(found, Resource{resource, stack.ID})
			}
		}
	}
	return found
}
