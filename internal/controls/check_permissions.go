package controls

import (
	"regexp"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/policy"
)

// permissionChecks judge policies, roles, keys, functions and topics.
// https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html
var permissionChecks = map[string]check{
	"IAM.1": managedPolicy(func(d policy.Document) bool {
		return grants(d, func(s policy.Statement) bool { return !s.Actions.Not && has(s.Actions, "*") && has(s.Resources, "*") })
	}),
	"IAM.21": managedPolicy(func(d policy.Document) bool {
		return grants(d, func(s policy.Statement) bool {
			return slices.ContainsFunc(s.Actions.Patterns, wholeService.MatchString)
		})
	}),
	"IAM.27": func(e *environment, r resource) verdict {
		return holds(!anyIn(r.at("ManagedPolicyArns"), func(arn any) bool {
			return strings.HasSuffix(e.text(r, arn), ":iam::aws:policy/AWSCloudShellFullAccess")
		}))
	},

	"KMS.1": managedPolicy(decryptsWithEveryKey),
	"KMS.2": func(e *environment, r resource) verdict {
		return holds(!anyIn(r.at("Policies"), func(inline any) bool {
			return decryptsWithEveryKey(e.document(r, at(inline, "PolicyDocument")))
		}))
	},
	"KMS.4": property("EnableKeyRotation", true),
	"KMS.5": func(e *environment, key resource) verdict {
		return holds(!grants(e.document(key, key.at("KeyPolicy")), isPublic))
	},

	"Lambda.1": func(e *environment, function resource) verdict {
		return holds(!slices.ContainsFunc(e.referring("AWS::Lambda::Permission", "FunctionName", function), func(permission resource) bool {
			return grants(e.document(permission, policy.OfPermission(permission.Properties)), func(s policy.Statement) bool {
				return isPublic(s) || has(s.Principals, "Service:s3.amazonaws.com") && permission.at("SourceAccount") == nil
			})
		}))
	},
	"Lambda.2": onlyIf(not(property("PackageType", "Image")), property("Runtime",
		"dotnet8", "java25", "java21", "java17", "java11", "java8.al2", "nodejs24.x", "nodejs22.x", "nodejs20.x",
		"python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "ruby3.4", "ruby3.3", "ruby3.2")),

	// The rotation is the only function in a VPC, and its application takes the subnets as
	// one text.
	"Lambda.5": onlyIf(set("Parameters/vpcSubnetIds"), func(e *environment, r resource) verdict {
		join := assembly.AsList(r.at("Parameters/vpcSubnetIds/Fn::Join"))
		return holds(len(join) == 2 && e.zones(r, assembly.AsList(join[1])) > 1)
	}),

	"SNS.4": func(e *environment, topic resource) verdict {
		return holds(!slices.ContainsFunc(e.referring("AWS::SNS::TopicPolicy", "Topics", topic), func(one resource) bool {
			return grants(e.document(one, one.at("PolicyDocument")), isPublic)
		}))
	},
}

// wholeService matches all actions of a service, or of all services.
var wholeService = regexp.MustCompile(`^([a-z0-9-]+:)?\*$`)

// managedPolicy fails a policy that is so. One that is a permissions boundary is exempt.
func managedPolicy(is func(policy.Document) bool) check {
	return func(e *environment, r resource) verdict {
		if len(e.referring("AWS::IAM::Role", "PermissionsBoundary", r)) > 0 {
			return exempt
		}
		return holds(!is(e.document(r, r.at("PolicyDocument"))))
	}
}

// document returns a policy; without statements if the value is none.
func (e *environment) document(r resource, value any) policy.Document {
	document, _ := policy.Read(policy.Scope{Assembly: e.Assembly, Stack: r.Stack}, r.ID, value)
	return document
}

// grants reports whether a statement that allows something is so.
func grants(d policy.Document, is func(policy.Statement) bool) bool {
	return slices.ContainsFunc(d.Statements, func(s policy.Statement) bool { return !s.Deny && is(s) })
}

func has(e policy.Element, pattern string) bool { return slices.Contains(e.Patterns, pattern) }

// decryptsWithEveryKey leaves conditions out of account, as the controls do.
func decryptsWithEveryKey(d policy.Document) bool {
	return slices.ContainsFunc([]string{"kms:Decrypt", "kms:ReEncryptFrom"}, func(action string) bool {
		return grants(d.About(action), func(s policy.Statement) bool {
			return s.Resources.Not || slices.ContainsFunc(s.Resources.Patterns, isEveryKey)
		})
	})
}

// isEveryKey reports whether a pattern is for the keys of all regions.
func isEveryKey(pattern string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	return pattern == "*" || len(parts) == 6 && parts[3] == "*" && slices.Contains([]string{"*", "key/*"}, parts[5])
}

// isPublic reports whether a statement lets everybody in, unless a condition says from
// where with fixed values: AWS does not evaluate wildcards and variables there.
func isPublic(s policy.Statement) bool {
	everybody := s.Principals.Not || has(s.Principals, "*")
	return everybody && !slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool {
		return slices.Contains(equals, c.Operator) && slices.Contains(sources, strings.ToLower(c.Key)) &&
			!slices.ContainsFunc(c.Values, func(value string) bool { return strings.ContainsAny(value, "*?") || strings.Contains(value, "${aws:") })
	})
}

var (
	equals  = strings.Fields("StringEquals StringEqualsIgnoreCase StringLike ArnEquals ArnLike")
	sources = strings.Fields(`aws:principalaccount aws:principalarn aws:principalorgid aws:sourceaccount aws:sourcearn aws:sourceorgid
		aws:sourceowner aws:sourcevpc aws:sourcevpce kms:calleraccount`)
)
