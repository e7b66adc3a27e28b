package test

import (
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/stacks"
	"catalog-infra/test/invariants"
)

// attempt is one try to define something, which all tests share that want the
// same.
type attempt struct {
	made *environment

	// why is the reason in full where nothing was made, and by the test that
	// tried.
	why, by string
}

// attempts are those made so far, by configuration.
type attempts map[string]attempt

func keyOf(cfg config.Config) string { return fmt.Sprintf("%+v", cfg) }

// of returns the attempt at a configuration, made now if it was not yet, failed or
// not.
func (a attempts) of(cfg config.Config, by string, define func() *environment) attempt {
	key := keyOf(cfg)
	if _, tried := a[key]; !tried {
		a[key] = try(by, define)
	}
	return a[key]
}

// try calls define, and keeps what it panics with: a panic that is passed on
// would end the tests of everybody else.
func try(by string, define func() *environment) (result attempt) {
	result.by = by
	defer func() {
		if r := recover(); r != nil {
			result.why = reasonOf(r)
		}
	}()
	result.made = define()
	return result
}

// reasonOf returns CDK's message and the line of ours that it is about. The
// trace of a mistake in Go is kept as it is: nothing else says where it is.
func reasonOf(panicked any) string {
	var mistake runtime.Error
	if err, ok := panicked.(error); ok && errors.As(err, &mistake) {
		return fmt.Sprintf("%v\n%s", err, debug.Stack())
	}
	return fmt.Sprintf("%v%s", panicked, calledFrom())
}

// ours is a function of the app, with or without the receiver of a method.
var ours = regexp.MustCompile(`^catalog-infra/(stacks|constructs/\w+)\.`)

// calledFrom returns the innermost line of the app that is being executed, or
// nothing where the app is not.
func calledFrom() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	for {
		frame, more := frames.Next()
		if app := ours.FindStringSubmatch(frame.Function); app != nil {
			return fmt.Sprintf("\nthrown at %s/%s:%d", app[1], path.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// failure returns what a test says that cannot go on: in full where it tried itself,
// and in one line where another one has.
func (a attempt) failure(suffix, test string) string {
	if test == a.by {
		return fmt.Sprintf("%s cannot be synthesized: %s", suffix, a.why)
	}
	first, _, _ := strings.Cut(a.why, "\n")
	return fmt.Sprintf("%s cannot be synthesized, as %s says in full: %s", suffix, a.by, first)
}

func TestAConstructThatThrowsFailsItsTestWithItsMessage(t *testing.T) {
	thrown := try("TestFirst", func() *environment {
		awscdk.NewStack(awscdk.NewApp(nil), jsii.String("?"), &awscdk.StackProps{StackName: jsii.String("no name")})
		return nil
	})

	require.Nil(t, thrown.made)
	require.Regexp(t, `^dev cannot be synthesized: .*Stack name must match the regular expression`, thrown.failure("dev", "TestFirst"))
	require.NotContains(t, thrown.failure("dev", "TestFirst"), "goroutine")
	require.Regexp(t, `^dev cannot be synthesized, as TestFirst says in full: [^\n]*Stack name must match[^\n]*$`, thrown.failure("dev", "TestSecond"))
	cfg := loaded(t, "dev", "")
	cfg.ShortLived = true // it is defined faster
	third := try("TestThird", func() *environment { return synthesize(cfg) })
	require.NotNil(t, third.made, "CDK goes on, but: %s", third.why)
}

func TestAConstructThatThrowsNamesTheLineOfTheApp(t *testing.T) {
	thrown := try(t.Name(), func() *environment {
		cfg := loaded(t, "dev", "")
		cfg.Network.CIDR = "10.0.0.0/30"
		return synthesize(cfg)
	})

	require.Regexp(t, `\nthrown at constructs/network/\w+\.go:\d+$`, thrown.why)
}

func TestAMistakeInGoShowsItsStackTrace(t *testing.T) {
	mistaken := try(t.Name(), func() *environment {
		var none *environment
		return &environment{Config: none.Config}
	})

	require.Regexp(t, `(?s)^dev cannot be synthesized: runtime error: invalid memory address.*goroutine .*synthesis_test\.go`,
		mistaken.failure("dev", t.Name()))
}

func TestAFailedSynthesisIsNotRepeated(t *testing.T) {
	cfg := config.Config{Environment: "nowhere"}
	t.Cleanup(func() { delete(synthesized, keyOf(cfg)) })
	tries := 0
	throw := func() *environment { tries++; panic("thrown") }

	first, second := synthesized.of(cfg, "TestFirst", throw), synthesized.of(cfg, "TestSecond", throw)

	require.Equal(t, first, second)
	require.Equal(t, 1, tries)
}

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

// environment is one environment and what it synthesizes to. It is shared by the
// tests, which must not change it.
type environment struct {
	*stacks.App
	config.Config

	directory string
	assembly  *invariants.Environment
	templates map[string]*written // by stack id
	exported  map[any]exported    // by export name
}

// written is a template as it was written.
type written struct {
	invariants.Stack

	resources map[string]resource
}

// synthesized are environments by their configuration: defining one takes
// longer than all assertions on it.
var synthesized = attempts{}

func define(t *testing.T, cfg config.Config) *environment {
	t.Helper()
	attempt := synthesized.of(cfg, t.Name(), func() *environment { return synthesize(cfg) })
	if attempt.made == nil {
		t.Fatal(attempt.failure(cfg.Environment, t.Name()))
	}
	return attempt.made
}

func synthesize(cfg config.Config) *environment {
	directory := must(os.MkdirTemp(assemblies, cfg.Environment))
	app := stacks.NewApp(cfg, directory)
	app.Synth(nil)
	env := &environment{App: app, Config: cfg, directory: directory, templates: map[string]*written{}}
	env.assembly = must(invariants.Load(cfg, directory))
	var listed []string
	for _, stack := range app.Stacks() {
		listed = append(listed, *stack.Node().Id())
	}
	for _, stack := range env.assembly.Stacks {
		refuseUnlisted(listed, stack.ID)
		template := &written{stack, map[string]resource{}}
		for id, r := range stack.Template.Resources {
			template.resources[id] = resource{r, r.Properties}
		}
		env.templates[stack.ID] = template
	}
	return env
}

// refuseUnlisted panics if App.Stacks leaves the stack out: the CLI would deploy
// it, and no command of ours would name it.
func refuseUnlisted(listed []string, id string) {
	if !slices.Contains(listed, id) {
		panic(fmt.Sprintf("the stack %s is missing in Stacks of stacks/app.go: add it there, in the order of deployment", id))
	}
}

func TestAStackThatTheAppDoesNotListIsRefused(t *testing.T) {
	require.NotPanics(t, func() { refuseUnlisted([]string{"network", "data"}, "data") })
	require.PanicsWithValue(t, "the stack data is missing in Stacks of stacks/app.go: add it there, in the order of deployment",
		func() { refuseUnlisted([]string{"network"}, "data") })
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
