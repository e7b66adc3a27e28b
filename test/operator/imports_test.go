package operator

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// knowing may name the operator's files: the app, which deploys them; what checks
// every one of them; what works on a copy of the repository and has them
// replaced there. The command and the configuration name the directory only, to
// read the environment that they are given, and for messages.
var knowing = []string{
	"main.go", "main_test.go", "cmd/envtool", "config",
	"test/assemblies/main.go", "test/bench", "test/app_cli_test.go", "test/app_documents_test.go", "test/app_conventions_test.go",
	"test/docs/commands.sh",
	"test/firstweek", "test/operator", "tools/rehearse.sh",
}

func TestNoOtherTestKnowsTheOperatorsFiles(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range sources(t) {
		if !names(t, file) {
			continue
		}
		by := slices.IndexFunc(knowing, func(known string) bool { return file == known || strings.HasPrefix(file, known+"/") })
		require.GreaterOrEqual(t, by, 0, "%s names config/environments: it is the operator's, take test/environments", file)
		seen[knowing[by]] = true
	}
	require.Len(t, seen, len(knowing))
}

func TestOnlyTheAppHasTheOperatorsFilesCompiledIn(t *testing.T) {
	for _, file := range sources(t) {
		if filepath.Ext(file) != ".go" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
		require.NoError(t, err)
		imports := slices.ContainsFunc(parsed.Imports, func(spec *ast.ImportSpec) bool {
			return spec.Path.Value == `"catalog-infra/config/environments"`
		})
		require.Equal(t, file == "main.go" || file == "main_test.go", imports, file)
	}
}

// sources returns the programs of the repository.
func sources(t *testing.T) (files []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules") {
			return fs.SkipDir
		}
		if slices.Contains([]string{".go", ".py", ".sh"}, filepath.Ext(path)) {
			files = append(files, path)
		}
		return err
	})
	require.NoError(t, err)
	return files
}

// names reports whether a program names the directory, comments and the schema
// beside the operator's files left out.
func names(t *testing.T, file string) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	found := false
	for _, literal := range literals(t, file, string(text)) {
		if strings.Contains(strings.ReplaceAll(literal, "config/environments/schema.json", ""), "config/environments") {
			found = true
		}
	}
	return found
}

// literals returns the texts in a program of Go, and the lines of any other.
func literals(t *testing.T, file, text string) (found []string) {
	t.Helper()
	if filepath.Ext(file) != ".go" {
		for line := range strings.Lines(text) {
			code, _, _ := strings.Cut(line, "#")
			found = append(found, code)
		}
		return found
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(parsed, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			value, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			found = append(found, value)
		}
		return true
	})
	return found
}
