package config

import (
	"fmt"
	"slices"
	"strings"

	"catalog-infra/internal/iamspec"
)

// grantors are the services that give permissions to others, or act with them.
var grantors = strings.Fields("iam sts organizations account sso identitystore cloudformation")

func checkPermissions(c Config) []problem {
	var problems []problem
	for i, permission := range c.Service.Permissions {
		at := fmt.Sprintf("service.permissions[%d]", i)
		problems = append(problems, unless(!slices.Contains(grantors, permission.Service), at+".service",
			"a service that gives no permissions to others")...)
		var refused []problem
		for j, arn := range permission.Resources {
			refused = append(refused, c.checkResource(fmt.Sprintf("%s.resources[%d]", at, j), permission.Service, arn)...)
		}
		if refused = append(refused, checkActions(at, permission)...); len(refused) == 0 {
			refused = checkEffect(at, permission)
		}
		problems = append(problems, refused...)
	}
	return problems
}

// checkActions refuses actions that AWS's Service Authorization Reference does not have,
// and those that cannot be limited to a resource.
func checkActions(at string, permission Permission) []problem {
	service, ok := iamspec.Lookup(permission.Service)
	if !ok {
		return []problem{{field: at + ".service", want: "the prefix of a service in AWS's Service Authorization Reference"}}
	}
	var problems []problem
	for i, action := range permission.Actions {
		field, names := fmt.Sprintf("%s.actions[%d]", at, i), service.Matching(action)
		limited := slices.ContainsFunc(names, func(name string) bool { return len(service.Actions[name].Types) > 0 })
		problems = append(problems, slices.Concat(
			unless(len(names) > 0, field, "an action of %s in AWS's Service Authorization Reference", permission.Service),
			unless(len(names) == 0 || limited, field, "an action that can be limited to a resource, as AWS cannot limit this one"),
		)...)
	}
	return problems
}

// checkEffect refuses a resource on which no action acts, and else an action that acts on no
// resource: it would allow nothing.
func checkEffect(at string, permission Permission) []problem {
	service, _ := iamspec.Lookup(permission.Service)
	var problems []problem
	var all []string
	for _, action := range permission.Actions {
		all = append(all, service.Matching(action)...)
	}
	for i, arn := range permission.Resources {
		problems = append(problems, unless(actsOn(service, all, arn), fmt.Sprintf("%s.resources[%d]", at, i),
			"the ARN of a resource on which the actions act, %s", arnsOf(service, all))...)
	}
	if len(problems) > 0 {
		return problems
	}
	for i, action := range permission.Actions {
		names := service.Matching(action)
		acts := slices.ContainsFunc(permission.Resources, func(arn string) bool { return actsOn(service, names, arn) })
		problems = append(problems, unless(acts, fmt.Sprintf("%s.actions[%d]", at, i),
			"an action on one of the resources: this one acts on %s", arnsOf(service, names))...)
	}
	return problems
}

func actsOn(service iamspec.Service, actions []string, arn string) bool {
	return slices.ContainsFunc(actions, func(name string) bool { return service.ActsOn(name, arn) })
}

// arnsOf returns the ARNs on which actions act; no more than a message holds.
func arnsOf(service iamspec.Service, actions []string) string {
	const most = 3
	var all []string
	for _, name := range actions {
		all = append(all, service.ARNs(name)...)
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > most {
		all = append(all[:most], "…")
	}
	return strings.Join(all, " or ")
}

// withoutType are the services whose ARNs have a name only, without the type of the
// resource before it.
var withoutType = []string{"s3", "sns", "sqs"}

// withoutNames are services that make up a part of their resources' names, so that what
// comes before a wildcard does not tell the application's from the platform's.
var withoutNames = strings.Fields("cloudfront ec2 elasticloadbalancing kms route53 wafv2")

// checkResource checks the ARN of a resource. What comes before a wildcard must be
// enough of a name that it cannot mean a resource of the platform.
func (c Config) checkResource(field, service, arn string) []problem {
	parts := strings.SplitN(arn, ":", 6)
	region, account, resource := parts[3], parts[4], parts[5]
	name := resource
	if i := strings.IndexAny(resource, ":/"); i >= 0 && !slices.Contains(withoutType, service) {
		name = resource[i+1:]
	}
	literal, _, wildcard := strings.Cut(strings.TrimLeft(name, "/"), "*")
	return slices.Concat(
		unless(parts[2] == service, field, "an ARN of %s, the service of this statement", service),
		unless(region == "" || region == c.Region, field, "one in %s, the environment's region", c.Region),
		unless(account == "" || c.Account == "" || account == c.Account, field, "one in %s, the environment's account", c.Account),
		unless(!wildcard || !slices.Contains(withoutNames, service), field, "an ARN without a wildcard: %s makes up names", service),
		unless(literal != "", field, "a name, or at least its beginning before the wildcard"),
		unless(literal == "" || !ofPlatform(literal, wildcard), field,
			"a resource of the application's: this may be one of the platform's"),
	)
}

// platformNames begin the names of the platform's resources, in any environment. The
// project's name comes after a prefix of AWS in some, and the names of secrets begin with
// the logical ID.
var platformNames = []string{
	Project + "-", "Automation-" + Project + "-", "DatabaseSecret", "OriginSecret",
	"aws/ecs/" + Project + "-", "aws/cloudtrail/" + Project + "-", "aws/lambda/" + Project + "-",
	"aws/rds/cluster/" + Project + "-", "aws-waf-logs-" + Project + "-",
}

// ofPlatform reports whether a name may be one of the platform's.
func ofPlatform(literal string, wildcard bool) bool {
	return slices.ContainsFunc(platformNames, func(own string) bool {
		return strings.HasPrefix(literal, own) || wildcard && strings.HasPrefix(own, literal)
	})
}
