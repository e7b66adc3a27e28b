package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"catalog-infra/examples/catalog/store"
)

// failure is an error that the client is told.
type failure struct {
	status  int
	message string
}

// Error implements error.
func (f failure) Error() string { return f.message }

// invalid is input with mistakes, all of them.
type invalid struct {
	mistakes []string

	// refused are the values, for a look at them only.
	refused []string
}

// Error implements error.
func (i *invalid) Error() string { return fmt.Sprint(i.mistakes) }

func (i *invalid) add(value, format string, arguments ...any) {
	i.mistakes = append(i.mistakes, fmt.Sprintf(format, arguments...))
	i.refused = append(i.refused, value)
}

// orNil returns an error if there is a mistake.
func (i *invalid) orNil() error {
	if len(i.mistakes) == 0 {
		return nil
	}
	return i
}

// fail answers with the messages of an error. What the client cannot help is logged.
func (h *Handler) fail(req *request, w http.ResponseWriter, err error) {
	var mistakes *invalid
	if errors.As(err, &mistakes) {
		if looksLikeSQL(mistakes.refused) {
			h.logger.Warn("sqli_suspected", "request_id", req.id, "src_ip", req.from, "path", req.path(), "user", req.user)
		}
		write(w, http.StatusBadRequest, errorBody(mistakes.mistakes...))
		return
	}
	known := statusOf(err)
	switch known.status {
	case http.StatusInternalServerError:
		h.logger.Error("request_failed", "request_id", req.id, "message", err.Error())
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "2")
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	write(w, known.status, errorBody(known.message))
}

func statusOf(err error) failure {
	var known failure
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &large):
		return failure{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", large.Limit)}
	case errors.Is(err, store.ErrNotFound):
		return failure{http.StatusNotFound, store.ErrNotFound.Error()}
	case errors.Is(err, store.ErrDuplicate):
		return failure{http.StatusConflict, store.ErrDuplicate.Error()}
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return failure{http.StatusServiceUnavailable, store.ErrUnavailable.Error()}
	}
	return failure{http.StatusInternalServerError, "this is our mistake"}
}

func errorBody(messages ...string) map[string][]string {
	return map[string][]string{"errors": messages}
}
