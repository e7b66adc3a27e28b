package api

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// longestPath is the log contract's.
const longestPath = 2048

// request is a request with what the log says of it.
type request struct {
	*http.Request

	// id is X-Ray's, from is the viewer's address; user is "-" for nobody.
	id, from, user string
}

type requestKey struct{}

var (
	traceID = regexp.MustCompile(`Root=([A-Za-z0-9-]{1,100})`)
	method  = regexp.MustCompile(`^[A-Z]{1,16}$`)
)

func newRequest(r *http.Request) *request {
	req := &request{Request: r, id: rand.Text(), from: viewer(r), user: "-"}
	if found := traceID.FindStringSubmatch(r.Header.Get("X-Amzn-Trace-Id")); found != nil {
		req.id = found[1]
	}
	return req
}

// viewer returns the address that CloudFront wrote, or that of the load balancer, which
// checks the health.
func viewer(r *http.Request) string {
	if address, err := netip.ParseAddr(r.Header.Get("True-Client-IP")); err == nil {
		return address.Unmap().WithZone("").String()
	}
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return peer.Addr().Unmap().WithZone("").String()
}

// path returns the path as the log contract wants it, without the query.
func (r *request) path() string {
	path := "/" + strings.TrimPrefix(r.URL.EscapedPath(), "/")
	return path[:min(len(path), longestPath)]
}

func (h *Handler) log(req *request, status int, took time.Duration) {
	verb := req.Method
	if !method.MatchString(verb) {
		verb = "OTHER"
	}
	h.logger.Info("request", "request_id", req.id, "method", verb, "path", req.path(), "status", status,
		"duration_ms", float64(took.Microseconds())/1000, "src_ip", req.from, "user", req.user)
}

// writer lets only users with a token write.
func (h *Handler) writer(act action) action {
	return func(req *request) (answer, error) {
		token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
		if !ok {
			return answer{}, failure{http.StatusUnauthorized, "a bearer token is missing"}
		}
		if req.user = h.userOf(token); req.user == "-" {
			h.logger.Warn("auth_failed", "request_id", req.id, "src_ip", req.from, "user", req.user, "path", req.path())
			return answer{}, failure{http.StatusUnauthorized, "this bearer token is not valid"}
		}
		return act(req)
	}
}

// userOf compares with every token, in the same time whatever is given.
func (h *Handler) userOf(given string) string {
	user, sum := "-", sha256.Sum256([]byte(given))
	for token, name := range h.tokens {
		want := sha256.Sum256([]byte(token))
		if subtle.ConstantTimeCompare(sum[:], want[:]) == 1 {
			user = name
		}
	}
	return user
}
