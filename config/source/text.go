package source

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Join appends a key to a field path: in quotes if it has a dot, a bracket, a
// quote or a space.
func Join(path, key string) string {
	plain := strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`.[]"`, r) }) < 0
	if !plain || key == "" {
		key = Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// Quote returns the text in quotes, shortened.
func Quote(text string) string {
	return strconv.Quote(shorten(text))
}

// shorten returns at most 100 characters, since somebody may paste a certificate.
func shorten(text string) string {
	const most = 100
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// List returns the values, separated by commas.
func List[T any](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = fmt.Sprint(value)
	}
	return strings.Join(texts, ", ")
}

// Nearest returns the known key that is most like the given one, or "one of" all
// if none is close. As in compilers, one typing error is allowed for each three
// letters.
func Nearest(key string, known []string) string {
	best := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(key, a), distance(key, b)) })
	if distance(key, best) <= max(1, len(key)/3) {
		return best
	}
	return "one of " + List(known)
}

// distance returns how many letters must be added, dropped, changed or swapped
// with their neighbour to turn one key into the other, regardless of case: the
// optimal string alignment distance.
func distance(from, to string) int {
	from, to = strings.ToLower(shorten(from)), strings.ToLower(to)
	rows := [3][]int{make([]int, len(to)+1), make([]int, len(to)+1), make([]int, len(to)+1)}
	for j := range rows[2] {
		rows[2][j] = j
	}
	for i := range len(from) {
		rows = [3][]int{rows[1], rows[2], rows[0]}
		swapped, above, row := rows[0], rows[1], rows[2]
		row[0] = i + 1
		for j := range len(to) {
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+changed(from[i] != to[j]))
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				row[j+1] = min(row[j+1], swapped[j-1]+1)
			}
		}
	}
	return rows[2][len(to)]
}

func changed(differs bool) int {
	if differs {
		return 1
	}
	return 0
}
