package rehearsal

import "catalog-infra/internal/assembly"

// stateful returns what happens to each resource that holds data.
func (d deployment) stateful(steps []Step) []Step {
	changed := map[string]Step{}
	for _, step := range steps {
		if step.Action != Check {
			changed[step.Resource] = step
		}
	}
	var all []Step
	add := func(id string, resource assembly.Resource) {
		step, ok := changed[id]
		if !ok {
			step = Step{Stack: d.after.ID, Resource: id, Type: resource.Type, Action: Keep, Verdict: Fine}
		}
		if holdsData(resource) {
			all = append(all, step)
		}
	}
	for _, id := range sortedKeys(d.after.Template.Resources) {
		add(id, d.after.Template.Resources[id])
	}
	for _, id := range sortedKeys(d.before.Template.Resources) {
		if _, stays := d.after.Template.Resources[id]; !stays {
			add(id, d.before.Template.Resources[id])
		}
	}
	return all
}
