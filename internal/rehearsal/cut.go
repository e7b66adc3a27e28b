package rehearsal

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"catalog-infra/internal/assembly"
)

// watch follows what the services that run need, from change to change of a deployment.
type watch struct {
	// met are the needs that were met at first, or became so. One that never was is
	// no cut.
	met map[string]bool

	// cuts has the needs that are not met now, each with the change since which.
	cuts map[string]Step
}

func newWatch(deployed *account) *watch {
	this := &watch{met: map[string]bool{}, cuts: map[string]Step{}}
	deployed.learnCertificates()
	for need, met := range deployed.needs() {
		if met {
			this.met[need] = true
		}
	}
	return this
}

// takesMinutes are types whose update takes minutes, and the end of a stack. What another
// change of the same stack ends was cut for seconds.
var takesMinutes = map[string]bool{"AWS::CloudFront::Distribution": true, "AWS::ECS::Service": true, "AWS::RDS::DBCluster": true, "": true}

// after looks at the account after a change, and returns the cuts that it ends.
func (w *watch) after(change Step, deployed *account) []Step {
	now := deployed.needs()
	var steps []Step
	for _, need := range sortedKeys(w.cuts) {
		if met, still := now[need]; met || !still {
			if w.cuts[need].Stack != change.Stack || takesMinutes[change.Type] {
				steps = append(steps, cut(w.cuts[need], need, "until "+change.Stack+" is deployed"))
			}
			delete(w.cuts, need)
		}
	}
	for need, met := range now {
		switch _, isCut := w.cuts[need]; {
		case met:
			w.met[need] = true
		case w.met[need] && !isCut:
			w.cuts[need] = change
		}
	}
	return steps
}

// during follows a stack: CloudFormation makes and changes its resources one after
// another, and deletes what it no longer has, or has replaced, at the end.
func (w *watch) during(d deployment) []Step {
	state := d.before
	if d.isFirst() {
		state = d.after
	}
	state.Template.Resources = map[string]assembly.Resource{}
	maps.Copy(state.Template.Resources, d.before.Template.Resources)
	next := d.account.clone()
	next.put(d.after)
	next.learnCertificates()
	followed, users := d.followed(), usersOf(d.before.Template)
	var steps []Step
	for _, found := range d.changes {
		if found.after == nil {
			continue
		}
		if found.isReplaced() {
			keepFormer(state.Template.Resources, found, users[found.id])
		}
		state.Template.Resources[found.id] = *found.after
		if followed[found.id] || len(w.cuts) > 0 && len(followed) > 0 && serves[found.after.Type] {
			d.account.put(state)
			change := Step{Stack: d.after.ID, Resource: found.id, Type: found.after.Type}
			steps = append(steps, w.after(change, d.account)...)
		}
	}
	d.account.put(d.after)
	return append(steps, w.after(Step{Stack: d.after.ID}, d.account)...)
}

// keepFormer keeps a resource that is replaced under another id, to which those that
// refer to it do so until they are changed themselves.
func keepFormer(resources map[string]assembly.Resource, found change, users []string) {
	former := "the former " + found.id
	for _, id := range users {
		resource := resources[id]
		resource.Properties, _ = redirected(map[string]any(resource.Properties), found.id, former).(map[string]any)
		resources[id] = resource
	}
	resources[former] = *found.before
}

// usersOf returns the resources that refer to each resource.
func usersOf(template assembly.Template) map[string][]string {
	users := map[string][]string{}
	for id, resource := range template.Resources {
		for target := range references(map[string]any(resource.Properties)) {
			users[target] = append(users[target], id)
		}
	}
	return users
}

// mostFollowed is how many changes of a stack are followed one by one; prod has 30. Of
// more, only what they come to is looked at.
const mostFollowed = 100

// followed returns the changes that can take away what something needs. What is new
// cannot.
func (d deployment) followed() map[string]bool {
	all := map[string]bool{}
	for _, found := range d.changes {
		if found.before != nil && found.after != nil && serves[found.after.Type] {
			all[found.id] = true
		}
	}
	if len(all) > mostFollowed {
		return nil
	}
	return all
}

// serves are the types whose changes needs is about.
var serves = map[string]bool{
	"AWS::CloudFront::Distribution": true, "AWS::CloudFront::VpcOrigin": true, "AWS::Route53::RecordSet": true,
	"AWS::ElasticLoadBalancingV2::Listener": true, "AWS::ElasticLoadBalancingV2::ListenerRule": true,
	"AWS::ElasticLoadBalancingV2::ListenerCertificate": true,
	"AWS::ElasticLoadBalancingV2::LoadBalancer":        true, "AWS::ECS::Service": true, "AWS::RDS::DBCluster": true,
	"AWS::EC2::SecurityGroup": true, "AWS::EC2::SecurityGroupIngress": true, "AWS::EC2::SecurityGroupEgress": true,
	"AWS::IAM::Role": true, "AWS::IAM::Policy": true, "AWS::IAM::ManagedPolicy": true,
}

// end returns the cuts that no stack ends.
func (w *watch) end() []Step {
	var steps []Step
	for _, need := range sortedKeys(w.cuts) {
		steps = append(steps, cut(w.cuts[need], need, "until another deployment"))
	}
	return steps
}

func cut(since Step, need, until string) Step {
	since.Action, since.Verdict = Check, ServiceCut
	since.Why = fmt.Sprintf("from here %s %s", until, need)
	return since
}

// needs returns what would cut the services that are deployed, in words, and whether
// it is averted.
func (a *account) needs() map[string]bool {
	needs, rules, listeners := map[string]bool{}, sync.OnceValue(a.rules), sync.OnceValue(a.listeners)
	for stack, service := range a.ofType("AWS::ECS::Service") {
		a.needsOf(stack, service, rules(), listeners(), needs)
	}
	for stack, distribution := range a.ofType("AWS::CloudFront::Distribution") {
		a.needsOfDistribution(stack, distribution, needs)
	}
	return needs
}

func (a *account) needsOf(
	stack assembly.Stack, service assembly.Resource, rules []rule, listeners map[string][]endpoint, needs map[string]bool,
) {
	vpc, _ := service.Properties.At("NetworkConfiguration", "AwsvpcConfiguration").(map[string]any)
	tasks := a.keys(stack, assembly.Object(vpc).List("SecurityGroups"))
	needsPath := func(from, to []string, port int) {
		needs[fmt.Sprintf("nothing passes from %s to %s on port %d", join(from), join(to), port)] = passes(rules, from, to, port)
	}
	for _, target := range service.Properties.Objects("LoadBalancers") {
		port := target.Int("ContainerPort")
		forwarding := listeners[a.key(stack, target["TargetGroupArn"])]
		needs[fmt.Sprintf("no listener forwards to %s on port %d", join(tasks), port)] = len(forwarding) > 0
		for _, listener := range forwarding {
			needsPath(listener.groups, tasks, port)
			unreached := fmt.Sprintf("nothing reaches %s on port %d", join(listener.groups), listener.port)
			needs[unreached] = isReached(rules, listener.groups, listener.port)
		}
	}
	a.needsToStart(stack, service, needs)
	for _, database := range a.databases() {
		needsPath(tasks, database.groups, database.port)
	}
}

func join(groups []string) string { return strings.Join(groups, " or ") }

func (a *account) keys(stack assembly.Stack, values []any) []string {
	var all []string
	for _, value := range values {
		all = append(all, a.key(stack, value))
	}
	return all
}

// passes reports whether one of the first groups may send to one of the second,
// which admits it.
func passes(rules []rule, from, to []string, port int) bool {
	out := slices.ContainsFunc(rules, func(one rule) bool {
		reaches := slices.Contains(to, one.peer) || strings.Contains(one.peer, "/0")
		return !one.inbound && one.admits(port) && slices.Contains(from, one.group) && reaches
	})
	in := slices.ContainsFunc(rules, func(one rule) bool {
		return one.inbound && one.admits(port) && slices.Contains(to, one.group) && slices.Contains(from, one.peer)
	})
	return out && in
}

// isReached reports whether anybody may come in at the port.
func isReached(rules []rule, groups []string, port int) bool {
	return slices.ContainsFunc(rules, func(one rule) bool {
		return one.inbound && one.admits(port) && slices.Contains(groups, one.group)
	})
}

// endpoint listens on a port, behind security groups.
type endpoint struct {
	groups []string
	port   int
}

// listeners returns those that forward to each target group, by themselves or by a rule.
func (a *account) listeners() map[string][]endpoint {
	actions := map[string][]any{} // of the rules of a listener
	for stack, rule := range a.ofType("AWS::ElasticLoadBalancingV2::ListenerRule") {
		for id := range references(rule.Properties["ListenerArn"]) {
			actions[stack.ID+"/"+id] = append(actions[stack.ID+"/"+id], rule.Properties["Actions"])
		}
	}
	all := map[string][]endpoint{}
	for stack, listener := range a.ofType("AWS::ElasticLoadBalancingV2::Listener") {
		found := a.listener(stack, listener)
		for id := range references([]any{listener.Properties["DefaultActions"], actions[stack.ID+"/"+listener.ID]}) {
			all[stack.ID+"/"+id] = append(all[stack.ID+"/"+id], found)
		}
	}
	return all
}

func (a *account) listener(stack assembly.Stack, listener assembly.Resource) endpoint {
	found := endpoint{port: listener.Properties.Int("Port")}
	if owner, balancer, ok := a.target(stack, listener.Properties["LoadBalancerArn"]); ok {
		found.groups = a.keys(owner, balancer.Properties.List("SecurityGroups"))
	}
	return found
}

// databases returns the clusters of the account.
func (a *account) databases() []endpoint {
	var all []endpoint
	for stack, cluster := range a.ofType("AWS::RDS::DBCluster") {
		all = append(all, endpoint{a.keys(stack, cluster.Properties.List("VpcSecurityGroupIds")), cluster.Properties.Int("Port")})
	}
	return all
}
