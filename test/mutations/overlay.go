package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const schemataPath = "catalog-infra/test/mutations/schemata"

// overlay is a file that tells go build which text each file has instead of its own.
type overlay struct {
	directory string
	Replace   map[string]string
}

func (o *overlay) add(file string, text []byte) error {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	replaced := filepath.Join(o.directory, fmt.Sprintf("%d.go", len(o.Replace)))
	o.Replace[absolute] = replaced
	return os.WriteFile(replaced, text, 0o600)
}

// write returns the path of the overlay.
func (o *overlay) write() (string, error) {
	content, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	path := filepath.Join(o.directory, "overlay.json")
	return path, os.WriteFile(path, content, 0o600)
}

// all returns the overlay of every mutant that can be chosen while a program runs,
// and marks those mutants. The rest is constants, which are chosen by the compiler.
func all(directory string, mutants []mutant) (*overlay, error) {
	found, err := newTypeChecker()
	if err != nil {
		return nil, err
	}
	o := &overlay{directory: directory, Replace: map[string]string{}}
	files := map[string][]*mutant{}
	for i := range mutants {
		files[mutants[i].file] = append(files[mutants[i].file], &mutants[i])
	}
	for file, of := range files {
		names, err := found.typesIn(file)
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := o.add(file, choosable(text, of, names)); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// edit replaces the text between two offsets.
type edit struct {
	from, to int
	with     string
}

// choosable returns the text with a choice in the place of each mutant.
func choosable(text []byte, mutants []*mutant, names map[int]string) []byte {
	var edits []edit
	for _, m := range mutants {
		original, typed := string(text[m.from:m.to]), names[m.from]
		switch {
		case m.statement:
			edits = append(edits, edit{m.from, m.from, fmt.Sprintf("if !schemata.Is(%d) { ", m.id)}, edit{m.to, m.to, " }"})
		case typed != "":
			edits = append(edits, edit{m.from, m.to, fmt.Sprintf("schemata.Pick[%s](%d, %s, %s)", typed, m.id, original, m.with)})
		}
		m.choosable = m.statement || typed != ""
	}
	clause := packageClause.FindIndex(text)[1]
	edits = append(edits,
		edit{clause, clause, fmt.Sprintf("; import schemata %q", schemataPath)},
		edit{len(text), len(text), "\nvar _ = schemata.Is\n"}) // it is used, also where all mutants are constants
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(b.from, a.from) }) // the places of earlier ones stay
	for _, e := range edits {
		text = slices.Concat(text[:e.from], []byte(e.with), text[e.to:])
	}
	return text
}

// typeChecker finds the types of literals.
type typeChecker struct {
	files    *token.FileSet
	importer types.Importer
	known    map[string]map[string]map[int]string // directory, file, offset
}

func newTypeChecker() (*typeChecker, error) {
	output, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", "./stacks/...", "./constructs/...",
		"./config").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var listed struct{ ImportPath, Export string }
		if err := decoder.Decode(&listed); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[listed.ImportPath] = listed.Export
	}
	files := token.NewFileSet()
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	return &typeChecker{files, importer.ForCompiler(files, "gc", lookup), map[string]map[string]map[int]string{}}, nil
}

// typesIn returns the type of each literal of the file, as the file may write it, by
// its offset.
func (c *typeChecker) typesIn(file string) (map[int]string, error) {
	directory := filepath.Dir(file)
	if c.known[directory] == nil {
		found, err := c.check(directory)
		if err != nil {
			return nil, err
		}
		c.known[directory] = found
	}
	return c.known[directory][filepath.Base(file)], nil
}

func (c *typeChecker) check(directory string) (map[string]map[int]string, error) {
	paths, err := filepath.Glob(filepath.Join(directory, "*.go"))
	if err != nil {
		return nil, err
	}
	var trees []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(c.files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		trees = append(trees, tree)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	checked, err := (&types.Config{Importer: c.importer}).Check("catalog-infra/"+filepath.ToSlash(directory), c.files, trees, info)
	if err != nil {
		return nil, err
	}
	found := map[string]map[int]string{}
	for _, tree := range trees {
		found[filepath.Base(c.files.Position(tree.Pos()).Filename)] = c.literals(checked, tree, info)
	}
	return found, nil
}

// literals leaves out constants, whose values the compiler wants.
func (c *typeChecker) literals(checked *types.Package, tree *ast.File, info *types.Info) map[int]string {
	found := map[int]string{}
	ast.Inspect(tree, func(node ast.Node) bool {
		if declaration, ok := node.(*ast.GenDecl); ok && declaration.Tok == token.CONST {
			return false
		}
		switch expression := node.(type) {
		case *ast.BasicLit, *ast.Ident:
			if name := typeName(checked, tree, info.Types[expression.(ast.Expr)]); name != "" {
				found[c.files.Position(node.Pos()).Offset] = name
			}
		}
		return true
	})
	return found
}

// typeName returns how the file writes the type of a constant value, empty if it
// cannot.
func typeName(checked *types.Package, tree *ast.File, value types.TypeAndValue) string {
	basic, ok := types.Type(nil), false
	if value.Value != nil {
		basic, ok = value.Type.Underlying(), true
	}
	if kind, isBasic := basic.(*types.Basic); !ok || !isBasic || kind.Info()&types.IsUntyped != 0 {
		return ""
	}
	writable := true
	name := types.TypeString(value.Type, func(other *types.Package) string {
		if other == checked {
			return ""
		}
		local, found := importedAs(tree, other)
		writable = writable && found
		return local
	})
	if !writable {
		return ""
	}
	return name
}

func importedAs(tree *ast.File, wanted *types.Package) (string, bool) {
	for _, spec := range tree.Imports {
		if spec.Path.Value == fmt.Sprintf("%q", wanted.Path()) {
			if spec.Name != nil {
				return spec.Name.Name, true
			}
			return wanted.Name(), true
		}
	}
	return "", false
}
