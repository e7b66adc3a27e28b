// Package test checks what the stacks synthesize to. It is one package since
// each test binary starts a node process of its own.
package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/stacks"
	"catalog-infra/test/environments"
	"catalog-infra/test/invariants"
)

// suffixes are the environments that have a file.
var suffixes = config.Suffixes(environments.Files)

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

	directory string
	templates map[string]*written
	written   *invariants.Environment // as the invariants read it, once they have
}

// written is a template as it was written, and the stack that wrote it. It is
// shared by the tests, which must not change it.
type written struct {
	body

	stack    awscdk.Stack
	asserted assertions.Template
}

// synthesized are environments by their configuration: defining one takes
// longer than all assertions on it.
var synthesized = attempts{}

// shipped is a reference environment, as its file describes it.
func shipped(t *testing.T, suffix string) *environment {
	t.Helper()
	return changed(t, suffix, nil)
}

// shortLived is the environment "pr-17", made from another.
func shortLived(t *testing.T, from string) *environment {
	t.Helper()
	return define(t, loaded(t, "pr-17", from))
}

// changed is a reference environment with some fields changed, for what none of
// them chooses.
func changed(t *testing.T, suffix string, change func(*config.Config)) *environment {
	t.Helper()
	cfg := loaded(t, suffix, "")
	if change != nil {
		change(&cfg)
	}
	return define(t, cfg)
}

// withoutRunbooks is changed, marked as short-lived, so that no runbooks,
// operators, isolation groups or twins of alarms are defined. They take a third
// of the time, and most tests are about something else.
func withoutRunbooks(t *testing.T, suffix string, change func(*config.Config)) *environment {
	t.Helper()
	return changed(t, suffix, func(cfg *config.Config) {
		change(cfg)
		cfg.ShortLived = true
	})
}

// unlike is production with what no reference environment chooses, as far as one
// choice has nothing to do with another.
func unlike(t *testing.T) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) {
		cfg.Account = "111122223333"
		cfg.Network.CIDR = "192.168.7.0/24"
		cfg.Service.Image = sharedImage
		cfg.Backup.EveryHours = 4
		cfg.Edge.Countries = []string{"SE", "NO"}
		cfg.Edge.WAF.Mode = config.WAFCount
		cfg.Audit.SecurityHubStandards = []string{"foundational", "cis-1.4", "cis-3.0", "nist-800-53", "pci-dss-4.0"}
	})
}

// configurations are those that were loaded, by suffix and model.
var configurations = map[[2]string]config.Config{}

func loaded(t *testing.T, suffix, from string) config.Config {
	t.Helper()
	key := [2]string{suffix, from}
	if _, ok := configurations[key]; !ok {
		cfg, _, err := config.Load(environments.Files, suffix, from)
		require.NoError(t, err)
		configurations[key] = cfg
	}
	return configurations[key]
}

func define(t *testing.T, cfg config.Config) *environment {
	t.Helper()
	attempt := synthesized.of(cfg, t.Name(), func() *environment { return synthesize(cfg) })
	if attempt.made == nil {
		t.Fatal(attempt.failure(cfg.Suffix, t.Name()))
	}
	return attempt.made
}

func synthesize(cfg config.Config) *environment {
	directory := must(os.MkdirTemp(assemblies, cfg.Suffix))
	app := stacks.NewApp(cfg, directory)
	app.Synth(nil)
	env := &environment{App: app, Config: cfg, directory: directory, templates: map[string]*written{}}
	for _, stack := range app.Stacks() {
		id := *stack.Node().Id()
		template := &written{stack: stack}
		text := must(os.ReadFile(filepath.Join(directory, id+".template.json")))
		if err := json.Unmarshal(text, &template.body); err != nil {
			panic(err)
		}
		env.templates[id] = template
	}
	refuseUnlisted(env)
	return env
}

// refuseUnlisted panics where a template is of a stack that Stacks leaves out:
// the tests look at those in Stacks, and one that nobody looks at passes.
func refuseUnlisted(env *environment) {
	for _, file := range must(filepath.Glob(filepath.Join(env.directory, "*.template.json"))) {
		id := strings.TrimSuffix(filepath.Base(file), ".template.json")
		if env.templates[id] == nil {
			panic(fmt.Sprintf("the stack %s is missing in Stacks of stacks/stacks.go: add it there, in the order of deployment", id))
		}
	}
}

func TestAStackThatNoTestLooksAtIsRefused(t *testing.T) {
	dev := *shipped(t, "dev")
	require.NotPanics(t, func() { refuseUnlisted(&dev) })

	dev.templates = maps.Clone(dev.templates)
	delete(dev.templates, "data")

	require.PanicsWithValue(t, "the stack data is missing in Stacks of stacks/stacks.go: add it there, in the order of deployment",
		func() { refuseUnlisted(&dev) })
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
// those of CDK's assertions panic.
type template struct {
	*written
	t *testing.T
}

// matches are CDK's assertions on the template.
func (w *written) matches() assertions.Template {
	if w.asserted == nil {
		w.asserted = assertions.Template_FromStack(w.stack, nil)
	}
	return w.asserted
}

// has checks that some resource of the type has at least the properties want.
func (tpl template) has(resource string, want props) {
	tpl.t.Helper()
	tpl.noPanic(func() { tpl.matches().HasResourceProperties(&resource, want) })
}

// hasNo checks that there are resources of the type, and that none has the
// properties.
func (tpl template) hasNo(resource string, unwanted props) {
	tpl.t.Helper()
	require.NotEmpty(tpl.t, tpl.resources(resource), "a mistyped type would pass")
	tpl.noPanic(func() { tpl.matches().ResourcePropertiesCountIs(&resource, unwanted, jsii.Number(0)) })
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
	for id, r := range tpl.Resources {
		if kind == "" || r.Type == kind {
			found[id] = r
		}
	}
	return found
}

type body struct {
	Resources  map[string]resource
	Outputs    map[string]any
	Parameters map[string]any
	Mappings   map[string]map[string]any
}
