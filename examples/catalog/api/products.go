package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"catalog-infra/examples/catalog/store"
)

const (
	defaultLimit = 20
	largestLimit = 100
)

// page is a part of the list. Next is the after of the next one, 0 where there is none.
type page struct {
	Products []store.Product `json:"products"`
	Next     int64           `json:"next,omitempty"`
}

func (h *Handler) list(req *request) (answer, error) {
	limit, after, err := paging(req.URL.RawQuery)
	if err != nil {
		return answer{}, err
	}
	products, err := h.products.List(req.Context(), after, limit+1)
	if err != nil {
		return answer{}, err
	}
	got := page{Products: products}
	if len(products) > limit {
		got.Products = products[:limit]
		got.Next = products[limit-1].ID
	}
	return answer{status: http.StatusOK, body: got}, nil
}

// paging reads the query's limit and after, and refuses other names.
func paging(query string) (limit int, after int64, err error) {
	limit = defaultLimit
	var found invalid
	values, err := url.ParseQuery(query)
	if err != nil {
		found.add(query, "query: want names and values, escaped")
	}
	for name, given := range values {
		switch value := given[0]; name {
		case "limit":
			limit, err = strconv.Atoi(value)
			if err != nil || limit < 1 || limit > largestLimit {
				found.add(value, "limit: want a whole number from 1 to %d", largestLimit)
			}
		case "after":
			after, err = strconv.ParseInt(value, 10, 64)
			if err != nil || after < 0 {
				found.add(value, "after: want the id of a product")
			}
		default:
			found.add(name+" "+value, "query: want limit and after alone")
		}
	}
	return limit, after, found.orNil()
}

// idOf reads the product's id in the path.
func idOf(req *request) (int64, error) {
	value := req.PathValue("id")
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil || id < 1 {
		var found invalid
		found.add(value, "id: want a whole number above 0")
		return 0, found.orNil()
	}
	return id, nil
}

func (h *Handler) get(req *request) (answer, error) {
	id, err := idOf(req)
	if err != nil {
		return answer{}, err
	}
	product, err := h.products.Get(req.Context(), id)
	return answer{status: http.StatusOK, body: product}, err
}

func (h *Handler) create(req *request) (answer, error) {
	product, err := readProduct(req.Body)
	if err != nil {
		return answer{}, err
	}
	product, err = h.products.Create(req.Context(), product)
	return answer{status: http.StatusCreated, body: product, location: fmt.Sprintf("/products/%d", product.ID)}, err
}

func (h *Handler) update(req *request) (answer, error) {
	id, err := idOf(req)
	if err != nil {
		return answer{}, err
	}
	product, err := readProduct(req.Body)
	if err != nil {
		return answer{}, err
	}
	product.ID = id
	product, err = h.products.Update(req.Context(), product)
	return answer{status: http.StatusOK, body: product}, err
}

func (h *Handler) remove(req *request) (answer, error) {
	id, err := idOf(req)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, h.products.Delete(req.Context(), id)
}
