// Package api answers the requests of the products API, and logs each.
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"catalog-infra/examples/catalog/store"
)

const (
	// largestBody is what the web ACL lets through.
	largestBody = 8 << 10

	// longestRequest leaves time for an answer before CloudFront gives up.
	longestRequest = 15 * time.Second
)

// Handler answers all paths.
type Handler struct {
	mux             *http.ServeMux
	products        *store.Store
	tokens          map[string]string
	logger          *slog.Logger
	ready, draining atomic.Bool
}

// New returns a handler whose health check fails until Ready is called. The tokens are
// the users who may write, by their bearer token.
func New(products *store.Store, tokens map[string]string, logger *slog.Logger) *Handler {
	h := &Handler{mux: http.NewServeMux(), products: products, tokens: tokens, logger: logger}
	h.handle("GET /health", h.health)
	h.handle("GET /products", h.list)
	h.handle("POST /products", h.writer(h.create))
	h.handle("GET /products/{id}", h.get)
	h.handle("PUT /products/{id}", h.writer(h.update))
	h.handle("DELETE /products/{id}", h.writer(h.remove))
	h.handle("/health", notAllowed)
	h.handle("/products", notAllowed)
	h.handle("/products/{id}", notAllowed)
	h.handle("/", func(*request) (answer, error) {
		return answer{}, failure{http.StatusNotFound, "there is nothing at this path"}
	})
	return h
}

// Ready makes the health check succeed. From then on it does not ask the database: if
// that is down, new tasks would not be healthier than these.
func (h *Handler) Ready() { h.ready.Store(true) }

// Drain asks clients to close their connections with the next answer.
func (h *Handler) Drain() { h.draining.Store(true) }

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(r.Context(), longestRequest)
	defer cancel()
	req := newRequest(r.WithContext(ctx))
	recorder := &recorder{ResponseWriter: w, status: http.StatusOK}
	defer func() { h.log(req, recorder.status, time.Since(began)) }()
	defer func() {
		if problem := recover(); problem != nil {
			h.fail(req, recorder, fmt.Errorf("panic: %v", problem))
		}
	}()
	if h.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	w.Header().Set("Cache-Control", "no-store")
	r = req.WithContext(context.WithValue(ctx, requestKey{}, req))
	r.Body = http.MaxBytesReader(recorder, r.Body, largestBody)
	h.mux.ServeHTTP(recorder, r)
}

// answer is what a request is answered with if it succeeds.
type answer struct {
	status   int
	body     any
	location string
}

type action func(*request) (answer, error)

func (h *Handler) handle(pattern string, act action) {
	h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		req := r.Context().Value(requestKey{}).(*request)
		req.Request = r // it has the values of the pattern
		got, err := act(req)
		if err != nil {
			h.fail(req, w, err)
			return
		}
		if got.location != "" {
			w.Header().Set("Location", got.location)
		}
		write(w, got.status, got.body)
	})
}

func (h *Handler) health(*request) (answer, error) {
	if !h.ready.Load() {
		return answer{}, failure{http.StatusServiceUnavailable, "the schema is not up to date yet"}
	}
	return answer{status: http.StatusOK, body: map[string]string{"status": "ok"}}, nil
}

func notAllowed(*request) (answer, error) {
	return answer{}, failure{http.StatusMethodNotAllowed, "this path does not take this method"}
}

func write(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

// recorder keeps the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
