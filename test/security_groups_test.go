package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The compute stack has the rules for the ports of the service and of the listener:
// when one changes, CloudFormation adds the new rules before what listens there, and
// deletes the old ones after.
func TestRulesForPortsThatChangeAreInTheComputeStack(t *testing.T) {
	for _, env := range append(allEnvironments(t), vpcOriginProd(t)) {
		toListener := toLoadBalancer(t, env)
		for _, rule := range rulesWithPlaces(t, env) {
			want := "security-groups"
			if rule.from == env.Service.Port || slices.Contains(toListener, rule.line) {
				want = "compute"
			}
			if rule.line != "NetworkEndpoints out icmp 252-86 to 255.255.255.255/32" {
				require.Equal(t, want, rule.stack, "%s: %s", env.Environment, rule.line)
			}
		}
	}
}

func TestEveryGroupAndRuleSaysWhatItIsFor(t *testing.T) {
	for _, env := range allEnvironments(t) {
		for _, group := range resourcesOf(t, env, "AWS::EC2::SecurityGroup") {
			require.NotEmpty(t, group.Properties["GroupDescription"], "%s %s", env.Environment, group)
		}
		for _, rule := range rulesWithPlaces(t, env) {
			require.NotEmpty(t, rule.description, "%s: %s", env.Environment, rule.line)
		}
	}
}

// tighten-security-groups leaves the rules in its list alone. It would revoke a rule
// of the template that is missing there; a line too many would hide a foreign rule.
func TestTightenSecurityGroupsKnowsEveryRule(t *testing.T) {
	for _, env := range append(filedEnvironments(t), vpcOriginProd(t)) {
		payload := at(t, stepOf(t, env, "tighten-security-groups", "Plan"), "inputs", "InputPayload")
		var groups, lines []string
		for _, rule := range rulesWithPlaces(t, env) {
			lines = append(lines, rule.asRunbooksHaveIt())
		}
		for _, group := range resourcesOf(t, env, "AWS::EC2::SecurityGroup") {
			groups = append(groups, readableID(group.id))
		}
		require.ElementsMatch(t, lines, withoutGroupID(readableList(t, env, at(t, payload, "Template"))), env.Environment)
		require.ElementsMatch(t, groups, withoutGroupID(readableList(t, env, at(t, payload, "Groups"))), env.Environment)
	}
}

var single = regexp.MustCompile(` (tcp|icmp) (\d+) `)

// asRunbooksHaveIt returns the rule with both ends of its range of ports, as EC2
// describes it.
func (r trafficRule) asRunbooksHaveIt() string { return single.ReplaceAllString(r.line, " $1 $2-$2 ") }

func withoutGroupID(lines []string) []string {
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], ".GroupId", "")
	}
	return lines
}

func TestRulesFollowTheServicesPort(t *testing.T) {
	require.Equal(t, []string{"LoadBalancerHTTPS in tcp 443 from 0.0.0.0/0"}, toLoadBalancer(t, unusualDev(t)), "with an origin certificate")
	var onPort []string
	for _, rule := range rulesOf(t, unusualDev(t)) {
		require.NotContains(t, rule, "3000")
		if strings.Contains(rule, " tcp 8080 ") {
			onPort = append(onPort, rule)
		}
	}
	require.Equal(t, []string{"LoadBalancer out tcp 8080 to Tasks", "Tasks in tcp 8080 from LoadBalancer"}, onPort)
}

// trafficRule is one rule, embedded in a group or not.
type trafficRule struct {
	stack, line, description string
	from                     int
}

// rulesOf returns all rules of all stacks as sorted lines.
func rulesOf(t *testing.T, env *environment) []string {
	t.Helper()
	var lines []string
	for _, rule := range rulesWithPlaces(t, env) {
		lines = append(lines, rule.line)
	}
	slices.Sort(lines)
	return lines
}

func about(lines []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.HasPrefix(line, prefix) })
}

// toLoadBalancer returns the rules by which requests reach the load balancer, in
// either of its groups.
func toLoadBalancer(t *testing.T, env *environment) []string {
	t.Helper()
	return slices.DeleteFunc(about(rulesOf(t, env), "LoadBalancer"), func(line string) bool { return !strings.Contains(line, " in ") })
}

func rulesWithPlaces(t *testing.T, env *environment) []trafficRule {
	t.Helper()
	var found []trafficRule
	for _, r := range resourcesOf(t, env) {
		add := func(group, direction string, rule any) {
			found = append(found, newTrafficRule(t, env, r.stack, group, direction, rule))
		}
		switch r.Type {
		case "AWS::EC2::SecurityGroup":
			for _, rule := range asList(r.Properties["SecurityGroupIngress"]) {
				add(readableID(r.id), "in", rule)
			}
			for _, rule := range asList(r.Properties["SecurityGroupEgress"]) {
				add(readableID(r.id), "out", rule)
			}
		case "AWS::EC2::SecurityGroupIngress":
			add(groupName(t, env, r.Properties["GroupId"]), "in", r.Properties)
		case "AWS::EC2::SecurityGroupEgress":
			add(groupName(t, env, r.Properties["GroupId"]), "out", r.Properties)
		}
	}
	require.NotEmpty(t, found)
	return found
}

func newTrafficRule(t *testing.T, env *environment, stack, group, direction string, properties any) trafficRule {
	t.Helper()
	var p struct {
		CidrIp, CidrIpv6, SourceSecurityGroupId, DestinationSecurityGroupId any
		SourcePrefixListId, DestinationPrefixListId                         any
		IpProtocol, Description                                             string
		FromPort, ToPort                                                    int
	}
	require.NoError(t, json.Unmarshal(must(json.Marshal(properties)), &p))
	word := map[string]string{"in": "from", "out": "to"}[direction]
	line := fmt.Sprintf("%s %s %s %s", group, direction, p.IpProtocol, ports(p.FromPort, p.ToPort))
	for _, peer := range []any{p.CidrIp, p.CidrIpv6, p.SourceSecurityGroupId, p.DestinationSecurityGroupId, p.SourcePrefixListId,
		p.DestinationPrefixListId} {
		if peer != nil {
			line += " " + word + " " + groupName(t, env, peer)
		}
	}
	return trafficRule{stack, line, p.Description, p.FromPort}
}

func ports(from, to int) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d-%d", from, to)
}

func groupName(t *testing.T, env *environment, reference any) string {
	t.Helper()
	return strings.TrimSuffix(readable(t, env, reference), ".GroupId")
}

// The rotation function calls Secrets Manager alone.
func TestTheRotationGoesOutToSecretsManagersEndpointAloneWhereThereIsOne(t *testing.T) {
	for env, want := range map[*environment][]string{
		unusualDev(t): {"Rotation out tcp 443 to 0.0.0.0/0", "Rotation out tcp 5432 to Database"},
		vpcOriginProd(t): {
			"Rotation out tcp 443 to 127.0.0.1/32", "Rotation out tcp 443 to NetworkEndpoints", "Rotation out tcp 5432 to Database",
		},
	} {
		require.Equal(t, want, about(rulesOf(t, env), "Rotation out "))
	}
}
