package controls

import (
	"strings"

	"catalog-infra/internal/assembly"
)

const containers = "ContainerDefinitions"

// containerChecks judge resources of Amazon ECS and Amazon ECR.
// https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
var containerChecks = map[string]check{
	"ECR.1": anyOf(property("ImageScanningConfiguration/ScanOnPush", true), isScannedByRegistry),
	"ECR.2": property("ImageTagMutability", "IMMUTABLE"),
	"ECR.3": set("LifecyclePolicy"),

	"ECS.2":  not(property("NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp", "ENABLED")),
	"ECS.3":  not(property("PidMode", "host")),
	"ECS.4":  each(containers, "Privileged", nil, false),
	"ECS.5":  onlyIf(isLinux, each(containers, "ReadonlyRootFilesystem", true)),
	"ECS.8":  noneIn(containers, func(container any) bool { return anyIn(at(container, "Environment"), isCredential) }),
	"ECS.9":  noneIn(containers, func(container any) bool { return at(container, "LogConfiguration/LogDriver") == nil }),
	"ECS.10": onlyIf(isFargate, property("PlatformVersion", nil, "LATEST", "1.4.0")),
	"ECS.12": func(_ *environment, cluster resource) verdict {
		return holds(anyIn(cluster.at("ClusterSettings"), func(setting any) bool {
			return at(setting, "Name") == "containerInsights" && isOneOf(at(setting, "Value"), []any{"enabled", "enhanced"})
		}))
	},
	"ECS.18": noneIn("Volumes", func(volume any) bool {
		return at(volume, efs) != nil && at(volume, efs+"/TransitEncryption") != "ENABLED"
	}),
	"ECS.20": onlyIf(isLinux, noneIn(containers, func(container any) bool {
		return isOneOf(at(container, "User"), []any{nil, "root", "0"})
	})),
}

const efs = "EFSVolumeConfiguration"

// isScannedByRegistry passes a repository if a rule of the registry is for all of them.
func isScannedByRegistry(e *environment, _ resource) verdict {
	for _, registry := range e.byType["AWS::ECR::RegistryScanningConfiguration"] {
		forAll := func(filter any) bool { return at(filter, "Filter") == "*" }
		if anyIn(registry.at("Rules"), func(rule any) bool {
			return isOneOf(at(rule, "ScanFrequency"), []any{"SCAN_ON_PUSH", "CONTINUOUS_SCAN"}) && anyIn(at(rule, "RepositoryFilters"), forAll)
		}) {
			return passes
		}
	}
	return fails
}

func isLinux(_ *environment, definition resource) verdict {
	family, _ := definition.at("RuntimePlatform/OperatingSystemFamily").(string)
	return holds(!strings.HasPrefix(family, "WINDOWS"))
}

func isFargate(_ *environment, service resource) verdict {
	return holds(service.at("LaunchType") == "FARGATE" || anyIn(service.at("CapacityProviderStrategy"), func(one any) bool {
		name, _ := at(one, "CapacityProvider").(string)
		return strings.HasPrefix(name, "FARGATE")
	}))
}

func isCredential(variable any) bool {
	return isOneOf(at(variable, "Name"), []any{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA"})
}

// noneIn checks that no element of a list is so.
func noneIn(list string, is func(any) bool) check {
	return func(_ *environment, r resource) verdict { return holds(!anyIn(r.at(list), is)) }
}

func anyIn(list any, is func(any) bool) bool {
	for _, element := range assembly.AsList(list) {
		if is(element) {
			return true
		}
	}
	return false
}
