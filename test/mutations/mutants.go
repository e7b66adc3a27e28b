package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var packageClause = regexp.MustCompile(`(?m)^package \w+`)

// mutant is a file with one change.
type mutant struct {
	// name is the file, the function or declaration, what is changed to what, and a
	// number where a function has the same change more than once.
	name, file string

	// id is its place among all mutants.
	id int

	// with takes the place of the file's text between two offsets.
	from, to int
	with     string

	// statement reports whether it leaves out a statement.
	statement bool

	// choosable reports whether the compiled program can choose it.
	choosable bool
}

// apply returns the text of its file with the change.
func (m mutant) apply(text []byte) []byte {
	return slices.Concat(text[:m.from], []byte(m.with), text[m.to:])
}

// mutants finds every change in the Go files below the paths, tests left out.
func mutants(paths ...string) ([]mutant, error) {
	var found []mutant
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
				return err
			}
			of, err := mutantsOf(file)
			found = append(found, of...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range found {
		found[i].id = i
	}
	return found, nil
}

func mutantsOf(file string) ([]mutant, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, file, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := finder{file: filepath.ToSlash(file), text: text, files: files, seen: map[string]int{}}
	for _, declaration := range tree.Decls {
		f.where = nameOf(declaration)
		ast.Inspect(declaration, f.visit)
	}
	return f.found, nil
}

// nameOf returns the name of a function, or of the first thing that is declared.
func nameOf(declaration ast.Decl) string {
	switch declaration := declaration.(type) {
	case *ast.FuncDecl:
		return declaration.Name.Name
	case *ast.GenDecl:
		for _, spec := range declaration.Specs {
			if value, ok := spec.(*ast.ValueSpec); ok {
				return value.Names[0].Name
			}
		}
	}
	return "types"
}

type finder struct {
	file, where string
	text        []byte
	files       *token.FileSet
	seen        map[string]int
	found       []mutant
}

func (f *finder) visit(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.ImportSpec, *ast.Field:
		return false // array sizes and tags are no settings
	case *ast.IndexExpr:
		ast.Inspect(node.X, f.visit)
		return false // which element is taken is no setting
	case *ast.BasicLit:
		f.literal(node)
	case *ast.Ident:
		f.boolean(node)
	case *ast.ExprStmt:
		f.dependency(node)
	}
	return true
}

// literal changes a whole number into its double and one more, which is another
// for zero too, and any other number into its double.
func (f *finder) literal(literal *ast.BasicLit) {
	switch literal.Kind {
	case token.INT:
		value, err := strconv.ParseInt(literal.Value, 0, 64)
		if err == nil {
			f.add(literal, strconv.FormatInt(2*value+1, 10))
		}
	case token.FLOAT:
		f.add(literal, "(2*"+literal.Value+")")
	}
}

func (f *finder) boolean(name *ast.Ident) {
	switch name.Name {
	case "true":
		f.add(name, "false")
	case "false":
		f.add(name, "true")
	}
}

// dependency leaves out a statement that has one resource wait for another. What it
// names must still be used.
func (f *finder) dependency(statement *ast.ExprStmt) {
	call, ok := statement.X.(*ast.CallExpr)
	if !ok {
		return
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "AddDependency" && selector.Sel.Name != "AddResourceDependency" {
		return
	}
	var used []string
	for _, argument := range append([]ast.Expr{selector.X}, call.Args...) {
		used = append(used, f.source(argument))
	}
	blanks := strings.TrimSuffix(strings.Repeat("_, ", len(used)), ", ")
	f.replace(statement, blanks+" = "+strings.Join(used, ", "), selector.Sel.Name+" left out")
}

func (f *finder) source(node ast.Node) string {
	source := string(f.text[f.files.Position(node.Pos()).Offset:f.files.Position(node.End()).Offset])
	if source == "nil" {
		return "any(nil)"
	}
	return source
}

func (f *finder) add(node ast.Node, with string) {
	f.replace(node, with, f.source(node)+" to "+with)
}

func (f *finder) replace(node ast.Node, with, change string) {
	name := fmt.Sprintf("%s %s: %s%s", f.file, f.where, f.label(node), change)
	f.seen[name]++
	if count := f.seen[name]; count > 1 {
		name = fmt.Sprintf("%s (%d)", name, count)
	}
	from, to := f.files.Position(node.Pos()).Offset, f.files.Position(node.End()).Offset
	_, statement := node.(ast.Stmt)
	f.found = append(f.found, mutant{name: name, file: f.file, from: from, to: to, with: with, statement: statement})
}

// label returns the key of the setting where the source has one before the value.
func (f *finder) label(node ast.Node) string {
	line := string(f.text[:f.files.Position(node.Pos()).Offset])
	line = line[strings.LastIndexByte(line, '\n')+1:]
	if i := strings.LastIndexAny(line, ",{("); i >= 0 && strings.Contains(line[i:], ":") {
		line = line[i+1:]
	}
	key, _, found := strings.Cut(strings.TrimSpace(line), ":")
	if !found || strings.ContainsAny(key, " \"(){}") {
		return ""
	}
	return key + " "
}
