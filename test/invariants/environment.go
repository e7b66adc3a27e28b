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
)

// Environment is an environment and what it was synthesized to.
type Environment struct {
	config.Config

	// Stacks are sorted by id.
	Stacks []Stack

	// Missing is what CDK would ask AWS for.
	Missing []any
}

// Stack is one stack of an assembly.
type Stack struct {
	ID, Name, Region string

	// Protected says that CloudFormation refuses to delete the stack.
	Protected bool

	// Dependencies are the ids of the stacks that are deployed before.
	Dependencies []string

	// Text is the template as it was written, the rest what it says.
	Text      string
	Resources map[string]Resource
	Outputs   map[string]Output

	// Notes are what CDK has to say, by the path of the construct.
	Notes map[string][]Note
}

// Object is a JSON object.
type Object = map[string]any

// Resource is one resource of a template, and where it is.
type Resource struct {
	Stack, ID string `json:"-"`

	Type                string
	Properties          Object
	DeletionPolicy      string
	UpdateReplacePolicy string
}

func (r Resource) String() string { return r.Stack + "/" + r.ID + " (" + r.Type + ")" }

// Output is one output of a template.
type Output struct {
	Value  any
	Export struct{ Name string }
}

// Note is an entry of the metadata, such as a warning.
type Note struct {
	Type string
	Data any
}

// Load reads the assembly of an environment from its directory.
func Load(cfg config.Config, dir string) (*Environment, error) {
	var manifest struct {
		Missing   []any
		Artifacts map[string]artifact
	}
	if err := decode(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return nil, err
	}
	env := &Environment{Config: cfg, Missing: manifest.Missing}
	for _, id := range slices.Sorted(maps.Keys(manifest.Artifacts)) {
		if manifest.Artifacts[id].Type != "aws:cloudformation:stack" {
			continue
		}
		stack, err := manifest.Artifacts[id].read(dir, id)
		if err != nil {
			return nil, err
		}
		stack.Dependencies = slices.DeleteFunc(stack.Dependencies, func(other string) bool {
			return manifest.Artifacts[other].Type != "aws:cloudformation:stack"
		})
		env.Stacks = append(env.Stacks, stack)
	}
	return env, nil
}

// artifact is what the manifest says of a stack.
type artifact struct {
	Type, Environment      string
	Dependencies           []string
	Metadata               map[string][]Note
	AdditionalMetadataFile string
	Properties             struct {
		TemplateFile, StackName string
		TerminationProtection   bool
	}
}

func (a artifact) read(dir, id string) (Stack, error) {
	stack := Stack{
		ID: id, Name: a.Properties.StackName, Region: filepath.Base(a.Environment),
		Protected: a.Properties.TerminationProtection, Dependencies: a.Dependencies, Notes: map[string][]Note{},
	}
	maps.Copy(stack.Notes, a.Metadata)
	if a.AdditionalMetadataFile != "" {
		if err := decode(filepath.Join(dir, a.AdditionalMetadataFile), &stack.Notes); err != nil {
			return Stack{}, err
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, a.Properties.TemplateFile))
	if err != nil {
		return Stack{}, err
	}
	stack.Text = string(text)
	if err := json.Unmarshal(text, &stack); err != nil {
		return Stack{}, err
	}
	for id, resource := range stack.Resources {
		resource.Stack, resource.ID = stack.ID, id
		stack.Resources[id] = resource
	}
	return stack, nil
}

func decode(file string, value any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, value)
}

// resources are those of a type in all stacks, sorted; with no type, all.
func (e *Environment) resources(kind string) (found []Resource) {
	for _, stack := range e.Stacks {
		for _, id := range slices.Sorted(maps.Keys(stack.Resources)) {
			if kind == "" || stack.Resources[id].Type == kind {
				found = append(found, stack.Resources[id])
			}
		}
	}
	return found
}
