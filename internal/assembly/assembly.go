// Package assembly reads what synthesis writes: a directory with a manifest
// and, for each stack, a CloudFormation template.
package assembly

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Assembly is what was synthesized for one environment.
type Assembly struct {
	// Stacks are in the order of their deployment: each comes after those that
	// it depends on.
	Stacks []Stack
}

// Stack is one stack of an assembly.
type Stack struct {
	// ID is what the CDK CLI calls the stack, Name what CloudFormation does.
	ID, Name string

	// Region is "unknown-region" where the stack fits any, Account
	// "unknown-account".
	Region, Account string

	// Protected says that CloudFormation refuses to delete the stack.
	Protected bool

	Template Template
}

// Load reads the assembly in a directory. Its errors name the file.
func Load(dir string) (*Assembly, error) {
	path := filepath.Join(dir, "manifest.json")
	var manifest manifest
	if err := decode(path, &manifest); err != nil {
		return nil, fmt.Errorf("%s is no cloud assembly: %w", dir, err)
	}
	ids, err := manifest.deployOrder()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var assembly Assembly
	for _, id := range ids {
		stack, err := loadStack(dir, id, manifest.Artifacts[id])
		if err != nil {
			return nil, err
		}
		assembly.Stacks = append(assembly.Stacks, stack)
	}
	return &assembly, nil
}

func loadStack(dir, id string, artifact artifact) (Stack, error) {
	stack := Stack{
		ID: id, Name: artifact.Properties.StackName,
		Region: artifact.region(), Account: artifact.account(),
		Protected: artifact.Properties.TerminationProtection,
	}
	if stack.Name == "" {
		stack.Name = id
	}
	if err := decode(filepath.Join(dir, artifact.Properties.TemplateFile), &stack.Template); err != nil {
		return Stack{}, err
	}
	for id, resource := range stack.Template.Resources {
		resource.ID = id
		stack.Template.Resources[id] = resource
	}
	return stack, nil
}

// decode names the file in its errors; those of os do so themselves.
func decode(path string, value any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Target is the resource that a property of the stack stands for, and the
// stack which has that resource: the same one for Ref and Fn::GetAtt, another
// one for Fn::ImportValue.
func (a *Assembly) Target(stack Stack, property any) (Stack, Resource, bool) {
	intrinsic, _ := property.(map[string]any)
	if name, ok := intrinsic["Fn::ImportValue"]; ok {
		exporter, value := a.export(name)
		return a.Target(exporter, value)
	}
	id := intrinsic["Ref"]
	if path, ok := intrinsic["Fn::GetAtt"].([]any); ok && len(path) > 0 {
		id = path[0]
	}
	text, _ := id.(string)
	resource, ok := stack.Template.Resources[text]
	return stack, resource, ok
}

// export is the stack that exports the name, and what it exports under it.
func (a *Assembly) export(name any) (Stack, any) {
	text, _ := name.(string)
	for _, stack := range a.Stacks {
		for _, output := range stack.Template.Outputs {
			if output.Export.Name == text {
				return stack, output.Value
			}
		}
	}
	return Stack{}, nil
}
