package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"catalog-infra/examples/catalog/store"
)

// fields are what a product is written with: how each is taken, and what it must be.
var fields = map[string]struct {
	want     string
	optional bool
	take     func(p *store.Product, value any) bool
}{
	"sku": {"1 to 32 upper-case letters, digits and hyphens", false, func(p *store.Product, value any) bool {
		p.SKU, _ = value.(string)
		return sku.MatchString(p.SKU)
	}},
	"name": {"a line of 1 to 200 characters", false, func(p *store.Product, value any) bool {
		p.Name, _ = value.(string)
		return p.Name != "" && isText(p.Name, 200)
	}},
	"description": {"at most 2000 characters", true, func(p *store.Product, value any) (ok bool) {
		p.Description, ok = value.(string)
		return ok && isText(p.Description, 2000)
	}},
	"price_cents": {"a whole number from 0 to 1000000000", false, func(p *store.Product, value any) bool {
		number, _ := value.(json.Number)
		cents, err := strconv.ParseInt(number.String(), 10, 64)
		p.PriceCents = cents
		return err == nil && cents >= 0 && cents <= 1_000_000_000
	}},
	"currency": {"three upper-case letters, such as EUR", false, func(p *store.Product, value any) bool {
		p.Currency, _ = value.(string)
		return currency.MatchString(p.Currency)
	}},
}

var (
	sku      = regexp.MustCompile(`^[A-Z0-9-]{1,32}$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// isText refuses control characters: PostgreSQL takes no NUL.
func isText(text string, longest int) bool {
	for _, character := range text {
		if unicode.IsControl(character) {
			return false
		}
	}
	return utf8.RuneCountInString(text) <= longest
}

// readProduct reads a product, or says every mistake in it.
func readProduct(body io.Reader) (product store.Product, err error) {
	content, err := io.ReadAll(body)
	if err != nil {
		return product, err
	}
	values, err := decode(content)
	if err != nil {
		return product, err
	}
	var found invalid
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field := fields[name]
		value, given := values[name]
		if (given || !field.optional) && !field.take(&product, value) {
			found.add(fmt.Sprint(value), "%s: want %s", name, field.want)
		}
		delete(values, name)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		found.add(name, "there is no field %q", name)
	}
	return product, found.orNil()
}

func decode(content []byte) (map[string]any, error) {
	var values map[string]any
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	err := decoder.Decode(&values)
	if _, more := decoder.Token(); err != nil || values == nil || more != io.EOF {
		var found invalid
		found.add(string(content), "body: want a JSON object")
		return nil, found.orNil()
	}
	return values, nil
}

// statement finds what is hardly anything but SQL, in input that was refused anyway.
var statement = regexp.MustCompile(`(?is)\bunion\b.+\bselect\b|\bselect\b.+\bfrom\b|\b(drop|alter|truncate)\s+table\b|` +
	`\b(insert\s+into|delete\s+from)\b|\bpg_sleep\b|'\s*(or|and)\b|\b(or|and)\s+\d+\s*=\s*\d+|['\d]\s*;|['\d]\s*--|/\*.*\*/`)

func looksLikeSQL(values []string) bool { return slices.ContainsFunc(values, statement.MatchString) }
