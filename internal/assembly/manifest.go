package assembly

import (
	"cmp"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const manifestFile = "manifest.json"

// newestVersion is the major version of the schema that the CDK in go.mod
// writes. A newer one may mean something else by the same words.
const newestVersion = 55

// manifest has the stacks of manifest.json. It has artifacts of other
// types too, such as what is uploaded before a stack is deployed.
type manifest struct {
	stacks map[string]artifact
	order  []string
}

type artifact struct {
	// account and region are AWS's words for any where there is none.
	account, region string

	// dependencies are ids of stacks, once all artifacts are read.
	dependencies []string

	templateFile, stackName, deployRole string
	protected                           bool
	parameters                          map[string]any
}

func (a artifact) stack(id string, template Template) Stack {
	return Stack{ID: id, Name: cmp.Or(a.stackName, id), Region: a.region, Account: a.account, Protected: a.protected,
		Dependencies: a.dependencies, DeployRole: a.deployRole, Parameters: a.parameters, Template: template}
}

func readManifest(files fs.FS, dir string) (manifest, error) {
	doc := open(files, dir, manifestFile, "the manifest of an assembly, such as cdk.out")
	if doc.err != nil {
		return manifest{}, doc.err
	}
	root := take[map[string]any](doc, "", doc.root, "an object with version and artifacts")
	doc.checkVersion(root["version"])
	stacks := map[string]artifact{}
	for id, value := range sorted(take[map[string]any](doc, "artifacts", root["artifacts"], "an object")) {
		at := join("artifacts", id)
		content := take[map[string]any](doc, at, value, "an object")
		if take[string](doc, join(at, "type"), content["type"], "text") == "aws:cloudformation:stack" {
			stacks[id] = doc.artifact(at, content)
		}
	}
	for id, one := range stacks {
		one.dependencies = slices.DeleteFunc(one.dependencies, func(other string) bool { _, isStack := stacks[other]; return !isStack })
		stacks[id] = one
	}
	order, waiting := deployOrder(stacks)
	switch {
	case len(stacks) == 0:
		doc.refuse("artifacts", "no stack", "at least one")
	case len(waiting) > 0:
		circle := fmt.Sprintf("stacks that wait for each other (%q)", shorten(strings.Join(waiting, ", ")))
		doc.refuse("artifacts", circle, "one that can be deployed first")
	}
	return manifest{stacks, order}, doc.err
}

func (d *document) checkVersion(value any) {
	const want = "the version of an assembly's schema, such as \"55.0.0\""
	text := take[string](d, "version", value, want)
	major, _, _ := strings.Cut(text, ".")
	number, err := strconv.Atoi(major)
	switch {
	case err != nil || number < 0:
		d.refuse("version", Describe(text), want)
	case number > newestVersion:
		d.refuse("version", Describe(text), fmt.Sprintf("at most %d: a newer CDK than this one wrote it", newestVersion))
	}
}

var environment = regexp.MustCompile(`^aws://[^/]+/[^/]+$`)

func (d *document) artifact(at string, content map[string]any) artifact {
	const text = "text"
	env := cmp.Or(takeIfAny[string](d, at, content, "environment", text), "aws://unknown-account/unknown-region")
	if !environment.MatchString(env) {
		d.refuse(join(at, "environment"), Describe(env), "aws://ACCOUNT/REGION")
	}
	inner := join(at, "properties")
	properties := take[map[string]any](d, inner, content["properties"], "an object with templateFile")
	file := take[string](d, join(inner, "templateFile"), properties["templateFile"], "the name of a template")
	if !fs.ValidPath(file) || file == "." {
		d.refuse(join(inner, "templateFile"), Describe(file), "the name of a template inside the assembly")
	}
	return artifact{
		account: path.Base(path.Dir(env)), region: path.Base(env),
		dependencies: d.dependencies(at, content),
		templateFile: file,
		stackName:    takeIfAny[string](d, inner, properties, "stackName", text),
		deployRole:   takeIfAny[string](d, inner, properties, "assumeRoleArn", text),
		protected:    takeIfAny[bool](d, inner, properties, "terminationProtection", "true or false"),
		parameters:   takeIfAny[map[string]any](d, inner, properties, "parameters", "an object"),
	}
}

func (d *document) dependencies(at string, content map[string]any) (ids []string) {
	for i, id := range takeIfAny[[]any](d, at, content, "dependencies", "a list") {
		ids = append(ids, take[string](d, fmt.Sprintf("%s[%d]", join(at, "dependencies"), i), id, "the id of an artifact"))
	}
	return ids
}

// deployOrder returns the stacks in the CLI's order: by id among stacks that
// depend on nothing that is not deployed yet. Those that wait for each other have no place in it.
func deployOrder(stacks map[string]artifact) (order, waiting []string) {
	missing, dependents := map[string]int{}, map[string][]string{}
	var ready []string
	for id, stack := range sorted(stacks) {
		dependencies := slices.Compact(slices.Sorted(slices.Values(stack.dependencies)))
		for _, dependency := range dependencies {
			missing[id]++
			dependents[dependency] = append(dependents[dependency], id)
		}
		if missing[id] == 0 {
			ready = append(ready, id)
		}
	}
	for len(ready) > 0 {
		order = append(order, ready...)
		var next []string
		for _, deployed := range ready {
			for _, id := range dependents[deployed] {
				if missing[id]--; missing[id] == 0 {
					next = append(next, id)
				}
			}
		}
		slices.Sort(next)
		ready = next
	}
	maps.DeleteFunc(missing, func(_ string, count int) bool { return count == 0 })
	return order, slices.Sorted(maps.Keys(missing))
}

// sorted returns the entries by key, so that every run finds the same mistake first.
func sorted[V any](entries map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if !yield(key, entries[key]) {
				return
			}
		}
	}
}
