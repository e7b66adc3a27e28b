// Package assembly reads what synthesis writes: a directory with a manifest
// and, for each stack, a CloudFormation template.
package assembly

import (
	"fmt"
	"io/fs"
	"os"
)

// Assembly is what was synthesized for one environment.
type Assembly struct {
	// Stacks are in the order of their deployment: each comes after those that
	// it depends on.
	Stacks []Stack
}

// Stack is one stack of an assembly.
type Stack struct {
	// ID names the stack for the CDK CLI, Name names it for CloudFormation.
	ID, Name string

	// Region is "unknown-region" where the stack fits any, Account
	// "unknown-account".
	Region, Account string

	// Protected reports whether CloudFormation refuses to delete the stack.
	Protected bool

	// Dependencies are the ids of the stacks that are deployed before this one.
	Dependencies []string

	// DeployRole is the ARN of the role that the CDK CLI assumes to deploy the stack,
	// with ${AWS::Partition} and ${AWS::AccountId} in it; empty where there is none.
	DeployRole string

	// Parameters are the values that the CDK CLI hands over with the template.
	Parameters map[string]any

	Template Template
}

// Load reads the assembly in a directory, and no file outside of it. An error is
// one line that names the file: FILE: got X, want Y.
func Load(dir string) (*Assembly, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: got %s, want the directory of an assembly, such as cdk.out", dir, reason(err))
	}
	defer func() { _ = root.Close() }() // it was only read
	return load(root.FS(), dir)
}

// load reads an assembly from files, which errors name as those of a directory.
func load(files fs.FS, dir string) (*Assembly, error) {
	manifest, err := readManifest(files, dir)
	if err != nil {
		return nil, err
	}
	templates := map[string]Template{}
	var assembly Assembly
	for _, id := range manifest.order {
		artifact := manifest.stacks[id]
		if _, known := templates[artifact.templateFile]; !known {
			if templates[artifact.templateFile], err = readTemplate(files, dir, artifact.templateFile); err != nil {
				return nil, err
			}
		}
		assembly.Stacks = append(assembly.Stacks, artifact.stack(id, templates[artifact.templateFile]))
	}
	return &assembly, nil
}

// Placed is a resource in its stack.
type Placed struct {
	Resource
	Stack Stack
}

// Key returns STACK/LOGICALID, which is unique in an assembly. It is empty for no resource.
func (p Placed) Key() string {
	if p.ID == "" {
		return ""
	}
	return p.Stack.ID + "/" + p.ID
}

// OfType returns the resources of some types, in the order of the stacks, the types and the
// logical ids.
func (a *Assembly) OfType(types ...string) (all []Placed) {
	for _, stack := range a.Stacks {
		for _, name := range types {
			for _, resource := range stack.Template.OfType(name) {
				all = append(all, Placed{resource, stack})
			}
		}
	}
	return all
}

// Target returns the resource that a property of the stack refers to: in the same stack
// for Ref and Fn::GetAtt, in another one for Fn::ImportValue and Fn::GetStackOutput.
func (a *Assembly) Target(stack Stack, property any) (Placed, bool) {
	stack, property = a.Imported(stack, property)
	intrinsic, _ := property.(map[string]any)
	id := intrinsic["Ref"]
	if path, ok := intrinsic["Fn::GetAtt"].([]any); ok && len(path) > 0 {
		id = path[0]
	}
	text, _ := id.(string)
	resource, ok := stack.Template.Resources[text]
	return Placed{resource, stack}, ok
}

// Imported returns the value that Fn::ImportValue or Fn::GetStackOutput brings from
// another stack, and that stack, or else the property itself. The value is nil if no
// stack has it.
func (a *Assembly) Imported(stack Stack, property any) (Stack, any) {
	for range a.Stacks { // what is imported may be imported, by each stack once
		intrinsic, _ := property.(map[string]any)
		switch {
		case intrinsic["Fn::ImportValue"] != nil:
			stack, property = a.export(stack, intrinsic["Fn::ImportValue"])
		case intrinsic["Fn::GetStackOutput"] != nil:
			stack, property = a.output(stack, intrinsic["Fn::GetStackOutput"])
		default:
			return stack, property
		}
	}
	return stack, property
}

// export returns the stack that exports the name in the reader's region, and the
// exported value.
func (a *Assembly) export(reader Stack, name any) (Stack, any) {
	text, _ := name.(string)
	for _, stack := range a.Stacks {
		for _, output := range stack.Template.Outputs {
			if output.Export.Name == text && stack.Region == reader.Region {
				return stack, output.Value
			}
		}
	}
	return Stack{}, nil
}

// output returns the stack of which the argument of Fn::GetStackOutput names an
// output, and the output's value. By default it is in the region of the reader.
func (a *Assembly) output(reader Stack, argument any) (Stack, any) {
	wanted, _ := argument.(map[string]any)
	region, ok := wanted["Region"].(string)
	if !ok {
		region = reader.Region
	}
	for _, stack := range a.Stacks {
		if name, _ := wanted["OutputName"].(string); stack.Name == wanted["StackName"] && stack.Region == region {
			return stack, stack.Template.Outputs[name].Value
		}
	}
	return Stack{}, nil
}
