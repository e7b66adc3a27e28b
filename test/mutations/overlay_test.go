package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachMutantIsAChoiceOfItsOwn(t *testing.T) {
	text := "package p\n\nfunc f() {\n\ta.AddDependency(g(1, nil))\n\th(true)\n}\n"
	at := func(part string) (int, int) {
		for i := range text {
			if text[i:i+len(part)] == part {
				return i, i + len(part)
			}
		}
		return 0, 0
	}
	place := func(id int, part, with string, statement bool) *mutant {
		from, to := at(part)
		return &mutant{id: id, from: from, to: to, with: with, statement: statement}
	}
	mutants := []*mutant{
		place(4, "a.AddDependency(g(1, nil))", "", true), place(5, "1", "3", false), place(6, "true", "false", false),
	}

	got := string(choosable([]byte(text), mutants, map[int]string{mutants[1].from: "int64"}))

	require.Contains(t, got, "if !schemata.Is(4) { a.AddDependency(g(schemata.Pick[int64](5, 1, 3), nil)) }")
	require.Contains(t, got, "h(true)", "a value whose type the file cannot write is mutated by the compiler")
	require.False(t, mutants[2].choosable)
}
