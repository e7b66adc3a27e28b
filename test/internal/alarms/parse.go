package alarms

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// node is a number, a name, a text, or a call of a function or operator, whose
// name it then has. An array is a call of "ARRAY".
type node struct {
	name, text string
	number     float64
	call       bool
	arguments  []node
}

// parse reads an expression of metric math, or the rule of a composite alarm. Both
// have the grammar and the precedence of Go's expressions, but for some words. It
// refuses ^, which binds otherwise in Go.
func parse(text string) (node, error) {
	tree, err := parser.ParseExpr(asGo(text))
	if err != nil {
		return node{}, fmt.Errorf("%q is not understood: %w", text, err)
	}
	found, err := convert(tree)
	if err != nil {
		return node{}, fmt.Errorf("%q is not understood: %w", text, err)
	}
	return found, nil
}

// spelled are the words and brackets that Go has others for. A text in quotes stays.
var (
	spelled  = regexp.MustCompile(`"[^"]*"|\bAND\b|\bOR\b|\bNOT\b|\[|\]`)
	spelling = map[string]string{"AND": "&&", "OR": "||", "NOT": "!", "[": "ARRAY(", "]": ")"}
)

func asGo(text string) string {
	return spelled.ReplaceAllStringFunc(text, func(word string) string {
		if other := spelling[word]; other != "" {
			return other
		}
		return word
	})
}

// names are the operators as CloudWatch calls them, where Go has another name.
var names = map[token.Token]string{token.LAND: "AND", token.LOR: "OR", token.NOT: "NOT"}

func convert(tree ast.Expr) (node, error) {
	switch tree := tree.(type) {
	case *ast.ParenExpr:
		return convert(tree.X)
	case *ast.Ident:
		return node{name: tree.Name}, nil
	case *ast.BasicLit:
		if tree.Kind == token.STRING {
			return node{name: tree.Value, text: strings.Trim(tree.Value, `"`)}, nil
		}
		number, err := strconv.ParseFloat(tree.Value, 64)
		return node{number: number}, err
	case *ast.UnaryExpr:
		if tree.Op == token.SUB {
			return call("*", &ast.BasicLit{Kind: token.INT, Value: "-1"}, tree.X)
		}
		return call(operator(tree.Op), tree.X)
	case *ast.BinaryExpr:
		if tree.Op != token.XOR {
			return call(operator(tree.Op), tree.X, tree.Y)
		}
	case *ast.CallExpr:
		if function, ok := tree.Fun.(*ast.Ident); ok {
			return call(function.Name, tree.Args...)
		}
	}
	return node{}, fmt.Errorf("%T", tree)
}

func operator(of token.Token) string {
	if name := names[of]; name != "" {
		return name
	}
	return of.String()
}

func call(name string, arguments ...ast.Expr) (node, error) {
	made := node{name: name, call: true}
	for _, argument := range arguments {
		converted, err := convert(argument)
		if err != nil {
			return node{}, err
		}
		made.arguments = append(made.arguments, converted)
	}
	return made, nil
}
