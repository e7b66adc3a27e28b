// Package test checks what the stacks synthesize to. It is one package since
// each test binary starts a node process of its own.
package test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/stacks"
)

// suffixes are the environments that have a file.
var suffixes = config.Suffixes()

// TestMain stops the one node process that all tests share, and removes what
// it wrote.
func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.RemoveAll(assemblies)
	os.Exit(code)
}

var assemblies = must(os.MkdirTemp("", "catalog-infra-test"))

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// environment is one environment and what it synthesizes to, by stack id.
type environment struct {
	*stacks.App
	config.Config

	templates map[string]assertions.Template
}

// synthesized are the shipped environments: defining one takes longer than all
// assertions on it.
var synthesized = map[string]*environment{}

// shipped is an environment as its file describes it.
func shipped(t *testing.T, suffix string) *environment {
	t.Helper()
	if synthesized[suffix] == nil {
		cfg, _, err := config.Load(suffix, "")
		require.NoError(t, err)
		synthesized[suffix] = define(cfg)
	}
	return synthesized[suffix]
}

// shortLived is the environment "pr-17", made from another.
func shortLived(t *testing.T, from string) *environment {
	t.Helper()
	key := "pr-17 from " + from
	if synthesized[key] == nil {
		cfg, _, err := config.Load("pr-17", from)
		require.NoError(t, err)
		synthesized[key] = define(cfg)
	}
	return synthesized[key]
}

// changed is a shipped environment with some fields changed, for what no
// shipped environment chooses.
func changed(t *testing.T, suffix string, change func(*config.Config)) *environment {
	t.Helper()
	cfg, _, err := config.Load(suffix, "")
	require.NoError(t, err)
	change(&cfg)
	return define(cfg)
}

func define(cfg config.Config) *environment {
	app := stacks.NewApp(cfg, must(os.MkdirTemp(assemblies, cfg.Suffix)))
	env := &environment{app, cfg, map[string]assertions.Template{}}
	for _, stack := range app.Stacks() {
		env.templates[*stack.Node().Id()] = assertions.Template_FromStack(stack, nil)
	}
	return env
}

// stack is the template of one stack.
func (e *environment) stack(t *testing.T, id string) template {
	t.Helper()
	require.Contains(t, e.templates, id)
	return template{e.templates[id], t}
}

// props are the properties, or the part of them, that a test is about.
type props = map[string]any

// template is what a stack synthesizes to. Its methods fail the test where
// those of the embedded template panic.
type template struct {
	assertions.Template
	t *testing.T
}

// has checks that some resource of the type has at least the properties want.
func (tpl template) has(resource string, want props) {
	tpl.t.Helper()
	tpl.noPanic(func() { tpl.HasResourceProperties(&resource, want) })
}

// hasNo checks that there are resources of the type, and that none has the
// properties.
func (tpl template) hasNo(resource string, unwanted props) {
	tpl.t.Helper()
	require.NotEmpty(tpl.t, tpl.resources(resource), "a mistyped type would pass")
	tpl.noPanic(func() { tpl.ResourcePropertiesCountIs(&resource, unwanted, jsii.Number(0)) })
}

// count checks how many resources of the type there are.
func (tpl template) count(resource string, want int) {
	tpl.t.Helper()
	tpl.noPanic(func() { tpl.ResourceCountIs(&resource, jsii.Number(want)) })
}

func (tpl template) noPanic(f func()) {
	tpl.t.Helper()
	if err := caught(f); err != nil {
		tpl.t.Error(err)
	}
}

func caught(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	f()
	return nil
}

// including matches a list with at least one object that has at least want.
func including(want props) assertions.Matcher {
	return assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&want)})
}

// resource is one resource of a template as CloudFormation reads it.
type resource struct {
	Type                string
	Properties          props
	DeletionPolicy      string
	UpdateReplacePolicy string
	DependsOn           any
}

// resources are the resources of the type by logical id; with no type, all.
func (tpl template) resources(kind string) map[string]resource {
	tpl.t.Helper()
	found := map[string]resource{}
	for id, r := range tpl.body().Resources {
		if kind == "" || r.Type == kind {
			found[id] = r
		}
	}
	return found
}

// one is the only resource of the type.
func (tpl template) one(kind string) resource {
	tpl.t.Helper()
	found := tpl.resources(kind)
	require.Len(tpl.t, found, 1, kind)
	for _, r := range found {
		return r
	}
	panic("unreachable")
}

type body struct {
	Resources map[string]resource
	Outputs   map[string]any
}

func (tpl template) body() body {
	tpl.t.Helper()
	text, err := json.Marshal(tpl.ToJSON())
	require.NoError(tpl.t, err)
	var b body
	require.NoError(tpl.t, json.Unmarshal(text, &b))
	return b
}
