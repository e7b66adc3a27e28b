package api

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/examples/catalog/store"
)

func TestEveryMistakeInAProductIsNamed(t *testing.T) {
	const inCurrency, inName, inPrice, inSKU = "currency: want three upper-case letters, such as EUR", "name: want a line of 1 to 200 characters",
		"price_cents: want a whole number from 0 to 1000000000", "sku: want 1 to 32 upper-case letters, digits and hyphens"
	for body, want := range map[string][]string{
		`{}`: {inCurrency, inName, inPrice, inSKU},
		`{"sku":"a","name":"","description":7,"price_cents":1.5,"currency":"eur","id":9}`: {inCurrency,
			"description: want at most 2000 characters", inName, inPrice, inSKU, `there is no field "id"`},
		`{"sku":"A","name":"` + strings.Repeat("é", 201) + `","price_cents":1e3,"currency":"EUR"}`: {inName, inPrice},
		`{"sku":"A\n","name":"a\u0000b","price_cents":-1,"currency":"EUR\n"}`:                      {inCurrency, inName, inPrice, inSKU},
		`{"sku":"A","name":"b","price_cents":"1","currency":"EUR"}`:                                {inPrice},
		`[]`: {"body: want a JSON object"}, `null`: {"body: want a JSON object"},
		`{} {}`: {"body: want a JSON object"}, ``: {"body: want a JSON object"},
	} {
		_, err := readProduct(strings.NewReader(body))
		var found *invalid
		require.ErrorAs(t, err, &found, body)
		require.Equal(t, want, found.mistakes, body)
	}
	name := strings.Repeat("é", 200)
	product, err := readProduct(strings.NewReader(`{"sku":"A-1","name":"` + name + `","price_cents":1000000000,"currency":"EUR"}`))
	require.NoError(t, err)
	require.Equal(t, store.Product{SKU: "A-1", Name: name, PriceCents: 1_000_000_000, Currency: "EUR"}, product)
}

func TestEveryMistakeInAQueryIsNamed(t *testing.T) {
	_, _, err := paging("limit=101&after=-1&sort=name")
	var found *invalid
	require.ErrorAs(t, err, &found)
	require.ElementsMatch(t, []string{"limit: want a whole number from 1 to 100", "after: want the id of a product",
		"query: want limit and after alone"}, found.mistakes)
	_, _, err = paging("limit=%zz")
	require.Error(t, err)
	limit, after, err := paging("after=7")
	require.NoError(t, err)
	require.Equal(t, []any{defaultLimit, int64(7)}, []any{limit, after})
}

func TestSQLIsToldFromOtherMistakes(t *testing.T) {
	for _, value := range []string{"1 union select 1", "1 UNION ALL SELECT password FROM users", "' or 1=1", "1 or 1=1",
		"x'; drop table products", "1;select pg_sleep(9)", "1'--", "1/**/", "insert into products"} {
		require.True(t, looksLikeSQL([]string{"a", value}), value)
	}
	for _, value := range []string{"", "O'Neill", "select a lamp", "trade union", "drop the table", "a--b", "twelve",
		"-1", "1.5", `{"name":"lamp"}`} {
		require.False(t, looksLikeSQL([]string{value}), value)
	}
}

func TestTheLogHasNothingThatAViewerWroteUnchecked(t *testing.T) {
	for _, c := range []struct{ clientIP, trace, path, wantIP, wantID, wantPath string }{
		{"203.0.113.9", "Root=1-67430f2b-3d1c", "/a%20b?password=x", "203.0.113.9", "1-67430f2b-3d1c", "/a%20b"},
		{"2001:db8::7", "Self=1-2;Root=1-3;x", "/é%23", "2001:db8::7", "1-3", "/%C3%A9%23"},
		{"::ffff:203.0.113.9", "", "*", "203.0.113.9", "", "/*"},
		{"fe80::1%eth0", "Root=a b", "/" + strings.Repeat("x", 3000), "fe80::1", "a", "/" + strings.Repeat("x", 2047)},
		{"<script>", "Root=", "//a", "192.0.2.1", "", "//a"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		parsed, err := url.ParseRequestURI(c.path) // as the server reads a request
		require.NoError(t, err)
		r.URL = parsed
		r.Header.Set("True-Client-IP", c.clientIP)
		r.Header.Set("X-Amzn-Trace-Id", c.trace)
		req := newRequest(r)
		require.Equal(t, c.wantIP, req.from)
		if c.wantID == "" {
			require.Regexp(t, `^[A-Z2-7]{26}$`, req.id)
		} else {
			require.Equal(t, c.wantID, req.id)
		}
		require.Equal(t, c.wantPath, req.path())
	}
}
