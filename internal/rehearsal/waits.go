package rehearsal

import "catalog-infra/internal/assembly"

// closure finds what edges lead to, directly or not. It looks for that once for each
// resource that is asked for.
type closure struct {
	edges map[string][]string
	known map[string]map[string]bool
}

// waits returns the resources of a template by those that wait for them, and by those that
// they wait for.
func waits(template assembly.Template) (needs, users *closure) {
	needs, users = newClosure(), newClosure()
	for _, id := range sortedKeys(template.Resources) {
		needs.edges[id] = dependencies(template, id)
		for _, before := range needs.edges[id] {
			users.edges[before] = append(users.edges[before], id)
		}
	}
	return needs, users
}

func newClosure() *closure { return &closure{map[string][]string{}, map[string]map[string]bool{}} }

// of returns all that the edges lead to from a resource.
func (c *closure) of(id string) map[string]bool {
	if all, ok := c.known[id]; ok {
		return all
	}
	all, next := map[string]bool{}, []string{id}
	for len(next) > 0 {
		last := len(next) - 1
		edges := c.edges[next[last]]
		next = next[:last]
		for _, id := range edges {
			if !all[id] {
				all[id] = true
				next = append(next, id)
			}
		}
	}
	c.known[id] = all
	return all
}
