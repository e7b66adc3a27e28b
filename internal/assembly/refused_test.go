package assembly_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
)

// manifestOf returns a manifest with one stack, api, which has these properties.
func manifestOf(properties string) string {
	return `{"version": "55.0.0", "artifacts": {"api": {"type": "aws:cloudformation:stack", "properties": ` + properties + `}}}`
}

var (
	ordinary = manifestOf(`{"templateFile": "api.json"}`)
	circle   = `{"version": "55.0.0", "artifacts": {
		"api": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "api.json"}, "dependencies": ["web"]},
		"web": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "api.json"}, "dependencies": ["api"]}}}`
)

// A message is what follows the directory.
var refusedManifests = map[string]struct{ manifest, want string }{
	"half a file":              {"{\n", `:2: got text that is not JSON (unexpected end of JSON input), want JSON`},
	"nothing":                  {"", `:1: got text that is not JSON (unexpected end of JSON input), want JSON`},
	"text after the end":       {ordinary + "\n\n}", `:3: got text that is not JSON (invalid character '}' after top-level value), want JSON`},
	"brackets without an end":  {strings.Repeat("[", 20000), `:1: got text that is not JSON (invalid character '[' exceeded max depth), want JSON`},
	"bytes that are no text":   {"{\"version\": \"\xff\"}", `: got bytes that are not text, want UTF-8`},
	"more than a template has": {strings.Repeat(" ", 2<<20) + "{}", `: got 2097154 bytes, want at most 2 MiB`},
	"null":                     {"null", `: got nothing, want an object with version and artifacts`},
	"a list":                   {"[]", `: got a list, want an object with version and artifacts`},
	"a text":                   {`"x"`, `: got "x", want an object with version and artifacts`},
	"no version":               {`{}`, `: version: got nothing, want the version of an assembly's schema, such as "55.0.0"`},
	"a version of null":        {`{"version": null}`, `: version: got nothing, want the version of an assembly's schema, such as "55.0.0"`},
	"a number as version":      {`{"version": 55}`, `: version: got 55, want the version of an assembly's schema, such as "55.0.0"`},
	"a word as version":        {`{"version": "new"}`, `: version: got "new", want the version of an assembly's schema, such as "55.0.0"`},
	"a negative version":       {`{"version": "-1.0.0"}`, `: version: got "-1.0.0", want the version of an assembly's schema, such as "55.0.0"`},
	"a newer version":          {`{"version": "99.0.0", "artifacts": 1}`, `: version: got "99.0.0", want at most 55: a newer CDK than this one wrote it`},
	"no artifacts":             {`{"version": "55.0.0"}`, `: artifacts: got nothing, want an object`},
	"a list of artifacts":      {`{"version": "55.0.0", "artifacts": []}`, `: artifacts: got a list, want an object`},
	"no stack":                 {`{"version": "55.0.0", "artifacts": {"tree": {"type": "cdk:tree"}}}`, `: artifacts: got no stack, want at least one`},
	"an artifact of null":      {`{"version": "55.0.0", "artifacts": {"api": null}}`, `: artifacts.api: got nothing, want an object`},
	"an artifact without type": {`{"version": "55.0.0", "artifacts": {"a b": {}}}`, `: artifacts."a b".type: got nothing, want text`},
	"a stack without a body":   {`{"version": "55.0.0", "artifacts": {"api": {"type": "aws:cloudformation:stack"}}}`, `: artifacts.api.properties: got nothing, want an object with templateFile`},
	"a stack without template": {manifestOf(`{}`), `: artifacts.api.properties.templateFile: got nothing, want the name of a template`},
	"a template of null":       {manifestOf(`{"templateFile": null}`), `: artifacts.api.properties.templateFile: got nothing, want the name of a template`},
	"a template without name":  {manifestOf(`{"templateFile": ""}`), `: artifacts.api.properties.templateFile: got "", want the name of a template inside the assembly`},
	"a template of itself":     {manifestOf(`{"templateFile": "."}`), `: artifacts.api.properties.templateFile: got ".", want the name of a template inside the assembly`},
	"a template elsewhere":     {manifestOf(`{"templateFile": "../../../../etc/passwd"}`), `: artifacts.api.properties.templateFile: got "../../../../etc/passwd", want the name of a template inside the assembly`},
	"a template by its path":   {manifestOf(`{"templateFile": "/etc/passwd"}`), `: artifacts.api.properties.templateFile: got "/etc/passwd", want the name of a template inside the assembly`},
	"a number as stack name":   {manifestOf(`{"templateFile": "api.json", "stackName": 1}`), `: artifacts.api.properties.stackName: got 1, want text`},
	"a protection in words":    {manifestOf(`{"templateFile": "api.json", "terminationProtection": "no"}`), `: artifacts.api.properties.terminationProtection: got "no", want true or false`},
	"parameters in a list":     {manifestOf(`{"templateFile": "api.json", "parameters": []}`), `: artifacts.api.properties.parameters: got a list, want an object`},
	"stacks in a circle":       {circle, `: artifacts: got stacks that wait for each other ("api, web"), want one that can be deployed first`},
	"an environment of text":   {`{"version": "55.0.0", "artifacts": {"api": {"type": "aws:cloudformation:stack", "environment": "eu-north-1", "properties": {"templateFile": "api.json"}}}}`, `: artifacts.api.environment: got "eu-north-1", want aws://ACCOUNT/REGION`},
	"dependencies in an object": {`{"version": "55.0.0", "artifacts": {"api": {"type": "aws:cloudformation:stack", "dependencies": {}, "properties": {"templateFile": "api.json"}}}}`,
		`: artifacts.api.dependencies: got an object, want a list`},
	"a dependency of null": {`{"version": "55.0.0", "artifacts": {"api": {"type": "aws:cloudformation:stack", "dependencies": [null], "properties": {"templateFile": "api.json"}}}}`,
		`: artifacts.api.dependencies[0]: got nothing, want the id of an artifact`},
}

var refusedTemplates = map[string]struct{ template, want string }{
	"half a file":               {"{\n  \"Resources\": }", `:2: got text that is not JSON (invalid character '}' looking for beginning of value), want JSON`},
	"null":                      {"null", `: got nothing, want a template, an object with Resources`},
	"a list":                    {"[]", `: got a list, want a template, an object with Resources`},
	"resources of null":         {`{"Resources": null}`, `: Resources: got nothing, want a value: CloudFormation takes no null`},
	"resources in a list":       {`{"Resources": []}`, `: Resources: got a list, want an object`},
	"a resource of null":        {`{"Resources": {"Vpc": null}}`, `: Resources.Vpc: got nothing, want a value: CloudFormation takes no null`},
	"a resource of text":        {`{"Resources": {"Vpc": "` + strings.Repeat("x", 101) + `"}}`, `: Resources.Vpc: got "` + strings.Repeat("x", 100) + `…", want an object`},
	"a resource without type":   {`{"Resources": {"Vpc": {}}}`, `: Resources.Vpc.Type: got nothing, want a type, such as AWS::S3::Bucket`},
	"a type of a number":        {`{"Resources": {"Vpc": {"Type": 1.5}}}`, `: Resources.Vpc.Type: got 1.5, want a type, such as AWS::S3::Bucket`},
	"properties in a list":      {`{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": []}}}`, `: Resources.Vpc.Properties: got a list, want an object`},
	"null inside of properties": {`{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"Tags": [{"Key": null}]}}}}`, `: Resources.Vpc.Properties.Tags.0.Key: got nothing, want a value: CloudFormation takes no null`},
	"null very deep inside":     {`{"Resources": {"Vpc": ` + strings.Repeat(`[`, 5000) + `null` + strings.Repeat(`]`, 5000) + `}}`, `: Resources.Vpc` + strings.Repeat(".0", 18) + `…: got nothing, want a value: CloudFormation takes no null`},
	"an output of text":         {`{"Outputs": {"URL": "x"}}`, `: Outputs.URL: got "x", want an object`},
	"a condition of a number":   {`{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Condition": 1}}}`, `: Resources.Vpc.Condition: got 1, want the name of a condition`},
	"an export of text":         {`{"Outputs": {"URL": {"Export": true}}}`, `: Outputs.URL.Export: got true, want an object`},
}

func TestManifestsAreRefused(t *testing.T) {
	for name, c := range refusedManifests {
		t.Run(name, func(t *testing.T) {
			_, err := assembly.Load(directory(t, map[string]string{"manifest.json": c.manifest}))
			requireRefused(t, err, "manifest.json"+c.want)
		})
	}
}

func TestTemplatesAreRefused(t *testing.T) {
	for name, c := range refusedTemplates {
		t.Run(name, func(t *testing.T) {
			_, err := assembly.Load(directory(t, map[string]string{"manifest.json": ordinary, "api.json": c.template}))
			requireRefused(t, err, "api.json"+c.want)
		})
	}
}

func TestDirectoriesThatAreNoAssembliesAreRefused(t *testing.T) {
	dir := directory(t, map[string]string{"file": "{}"})

	_, err := assembly.Load(dir)
	requireRefused(t, err, "manifest.json: got nothing, want the manifest of an assembly, such as cdk.out")
	_, err = assembly.Load(dir + "/nowhere")
	requireRefused(t, err, "nowhere: got nothing, want the directory of an assembly, such as cdk.out")
	_, err = assembly.Load(dir + "/file")
	requireRefused(t, err, "file: got not a directory, want the directory of an assembly, such as cdk.out")
}

func TestWhatIsNoFileOfTheAssemblyIsRefused(t *testing.T) {
	const want = `, want the template that manifest.json names`
	secret := filepath.Join(t.TempDir(), "secret.json")
	require.NoError(t, os.WriteFile(secret, []byte("{}"), 0o600))
	for name, c := range map[string]struct {
		make func(file string) error
		want string
	}{
		"nothing":                 {func(string) error { return nil }, `got nothing` + want},
		"a directory":             {func(file string) error { return os.Mkdir(file, 0o700) }, `got a directory` + want},
		"a link out of it":        {func(file string) error { return os.Symlink(secret, file) }, `got a link that leads out of the assembly` + want},
		"a link to nothing":       {func(file string) error { return os.Symlink("other.json", file) }, `got nothing` + want},
		"a link to itself":        {func(file string) error { return os.Symlink("api.json", file) }, `got too many levels of symbolic links` + want},
		"a relative link outside": {func(file string) error { return os.Symlink("../../../../../../../etc/passwd", file) }, `got a link that leads out of the assembly` + want},
	} {
		t.Run(name, func(t *testing.T) {
			dir := directory(t, map[string]string{"manifest.json": ordinary})
			require.NoError(t, c.make(filepath.Join(dir, "api.json")))
			_, err := assembly.Load(dir)
			requireRefused(t, err, "api.json: "+c.want)
		})
	}
}

func TestAMessageIsOneLineWhateverTheFileIsCalled(t *testing.T) {
	_, err := assembly.Load(directory(t, map[string]string{"manifest.json": manifestOf(`{"templateFile": "api\njson"}`)}))
	require.ErrorContains(t, err, `/"api\njson": got nothing, want the template that manifest.json names`)
}

func TestLinkInsideOfTheAssemblyIsFollowed(t *testing.T) {
	dir := directory(t, map[string]string{"manifest.json": ordinary, "other.json": `{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}}}`})
	require.NoError(t, os.Symlink("other.json", filepath.Join(dir, "api.json")))
	loaded, err := assembly.Load(dir)
	require.NoError(t, err)
	require.Contains(t, loaded.Stacks[0].Template.Resources, "Vpc")
}

func TestVersionOfTheManifestIsAtMostThatOfTheCDKInUse(t *testing.T) {
	modules, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	schema := regexp.MustCompile(`awscdkcloudassemblyschema/v(\d+) `).FindStringSubmatch(string(modules))
	require.Len(t, schema, 2)
	require.Equal(t, schema[1], fmt.Sprint(assembly.NewestVersion))
}

func TestStackWithoutNameRegionOrAccountHasTheWordsForAny(t *testing.T) {
	loaded, err := assembly.LoadFiles(fstest.MapFS{"manifest.json": {Data: []byte(ordinary)}, "api.json": {Data: []byte("{}")}}, "dir")
	require.NoError(t, err)
	stack := loaded.Stacks[0]
	require.Equal(t, []string{"api", "api", "unknown-region", "unknown-account"}, []string{stack.ID, stack.Name, stack.Region, stack.Account})
}

// directory returns the path of a directory with these files.
func directory(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

// requireRefused compares a message from the name of the file on.
func requireRefused(t *testing.T, err error, want string) {
	t.Helper()
	require.Error(t, err)
	require.NotContains(t, err.Error(), "\n")
	file, _, _ := strings.Cut(want, ":")
	_, got, _ := strings.Cut(err.Error(), "/"+file)
	require.Equal(t, want, file+got)
	require.True(t, fs.ValidPath(file))
}
