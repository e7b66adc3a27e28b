package bill

import (
	"slices"
	"strings"
)

const (
	ecs = "Amazon ECS"
	elb = "Elastic Load Balancing"
)

// computeCharges are those of tasks and the load balancer.
//
// https://aws.amazon.com/fargate/pricing/
// https://aws.amazon.com/elasticloadbalancing/pricing/
// https://aws.amazon.com/ecr/pricing/
// https://aws.amazon.com/lambda/pricing/
var computeCharges = []charge{
	{resource: "AWS::ECS::Service", service: ecs, one: "Fargate vCPU", many: "Fargate vCPUs", basis: ByHour, unit: "vCPU-hours",
		product: Product{Service: "AmazonECS", UsageType: "Fargate-vCPU-Hours:perCPU", PerHour: true}, quantity: onX86(vCPUs)},
	{resource: "AWS::ECS::Service", service: ecs, one: "GB of Fargate memory", many: "GB of Fargate memory", basis: ByHour, unit: "GB-hours",
		product: Product{Service: "AmazonECS", UsageType: "Fargate-GB-Hours", PerHour: true}, quantity: onX86(memory)},
	{resource: "AWS::ECS::Service", service: ecs, one: "Fargate vCPU on ARM", many: "Fargate vCPUs on ARM", basis: ByHour, unit: "vCPU-hours",
		product: Product{Service: "AmazonECS", UsageType: "Fargate-ARM-vCPU-Hours:perCPU", PerHour: true}, quantity: onARM(vCPUs)},
	{resource: "AWS::ECS::Service", service: ecs, one: "GB of Fargate memory on ARM", many: "GB of Fargate memory on ARM",
		basis: ByHour, unit: "GB-hours",
		product: Product{Service: "AmazonECS", UsageType: "Fargate-ARM-GB-Hours", PerHour: true}, quantity: onARM(memory)},
	{resource: "AWS::ECS::Service", service: ecs, one: "GB of Fargate storage above 20", many: "GB of Fargate storage above 20",
		basis: ByHour, unit: "GB-hours",
		product:  Product{Service: "AmazonECS", UsageType: "Fargate-EphemeralStorage-GB-Hours", PerHour: true},
		quantity: ofTasks(ephemeralStorage)},
	{resource: "AWS::ElasticLoadBalancingV2::LoadBalancer", service: elb, one: "load balancer", many: "load balancers",
		basis: ByHour, unit: "hours",
		product:  Product{Service: "AWSELB", UsageType: "LoadBalancerUsage", Operation: "LoadBalancing:Application", PerHour: true},
		quantity: application(one)},
	{resource: "AWS::ElasticLoadBalancingV2::LoadBalancer", service: elb, one: "LCU-hour", many: "LCU-hours", basis: ByVolume,
		unit:     "LCU-hours",
		product:  Product{Service: "AWSELB", UsageType: "LCUUsage", Operation: "LoadBalancing:Application", PerHour: true},
		quantity: application(capacityUnits), once: true},
	{resource: "AWS::ECR::Repository", service: "Amazon ECR", one: "GB of images", many: "GB of images", basis: ByVolume, unit: "GB",
		product:  Product{Service: "AmazonECR", UsageType: "TimedStorage-ByteHrs"},
		quantity: assume(func(a Assumptions) float64 { return a.ImageGB }), once: true},
	functionCalls("AWS::Lambda::Function"), functionSeconds("AWS::Lambda::Function"),
	// The function that rotates the credentials of the database.
	functionCalls("AWS::Serverless::Application"), functionSeconds("AWS::Serverless::Application"),
}

func functionCalls(resource string) charge {
	return charge{resource: resource, service: "AWS Lambda", one: "function call", many: "function calls", basis: ByRequest, unit: "requests",
		product:  Product{Service: "AWSLambda", UsageType: "Request"},
		quantity: assume(func(a Assumptions) float64 { return a.FunctionCalls }), once: true}
}

// functionSeconds counts a quarter of a GB, which is above what the functions have.
func functionSeconds(resource string) charge {
	return charge{resource: resource, service: "AWS Lambda", one: "GB-second of functions", many: "GB-seconds of functions",
		basis: ByVolume, unit: "GB-seconds",
		product:  Product{Service: "AWSLambda", UsageType: "Lambda-GB-Second"},
		quantity: assume(func(a Assumptions) float64 { return a.FunctionSeconds / 4 }), once: true}
}

// tasks counts the tasks that autoscaling allows. Without autoscaling it returns the
// desired count of the service, which is one by default.
func tasks(service site) Range {
	if launch := service.Properties.At("LaunchType"); launch != "FARGATE" {
		service.refuse("its tasks run on instances or on a mix of capacity")
		return Range{}
	}
	for _, target := range service.all("AWS::ApplicationAutoScaling::ScalableTarget") {
		if target.Stack.ID == service.Stack.ID && mentions(target.Properties.At("ResourceId"), service.ID) {
			scaled := site{service.writer, target}
			return Range{scaled.number(0, "MinCapacity"), scaled.number(0, "MaxCapacity")}
		}
	}
	return exactly(service.number(1, "DesiredCount"))
}

// ofTasks multiplies the tasks of a service by a size of its task definition.
func ofTasks(size func(definition site) float64) func(site) Range {
	return func(service site) Range {
		count := tasks(service)
		if count.Most == 0 {
			return Range{}
		}
		definition, found := service.at(service.Properties.At("TaskDefinition"))
		if !found {
			service.refuse("its task definition is not in the assembly")
			return Range{}
		}
		return count.times(size(definition))
	}
}

func onARM(size func(site) float64) func(site) Range {
	return ofTasks(func(definition site) float64 {
		if definition.Properties.At("RuntimePlatform", "CpuArchitecture") == "ARM64" {
			return size(definition)
		}
		return 0
	})
}

func onX86(size func(site) float64) func(site) Range {
	return ofTasks(func(definition site) float64 {
		if definition.Properties.At("RuntimePlatform", "CpuArchitecture") == "ARM64" {
			return 0
		}
		return size(definition)
	})
}

// vCPUs are written in 1024ths, memory in MiB.
func vCPUs(definition site) float64  { return definition.number(0, "Cpu") / 1024 }
func memory(definition site) float64 { return definition.number(0, "Memory") / 1024 }

// ephemeralStorage returns what is above the 20 GiB that each task has for nothing.
func ephemeralStorage(definition site) float64 {
	return max(definition.number(20, "EphemeralStorage", "SizeInGiB")-20, 0)
}

// application counts what an Application Load Balancer is charged, the default type.
func application(of func(site) Range) func(site) Range {
	return func(balancer site) Range {
		if kind := balancer.Properties.At("Type"); kind != nil && kind != "application" {
			balancer.refuse("only application load balancers are counted")
			return Range{}
		}
		return of(balancer)
	}
}

// capacityUnits returns the LCUs of an average hour: one is 1 GB, or 25 connections a
// second. At most every request has a connection of its own.
func capacityUnits(balancer site) Range {
	const connections = 25 * 60 * 60
	assumed := balancer.assumed
	return Range{assumed.GBOut, max(assumed.GBOut, assumed.Requests/connections)}.times(1. / HoursPerMonth)
}

// mentions reports whether the id is anywhere in the value, as in a reference.
func mentions(value any, id string) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, element := range value {
			if mentions(element, id) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, func(element any) bool { return mentions(element, id) })
	case string:
		return value == id
	}
	return false
}

// text returns the text that the keys lead to in lower case, empty where there is none.
func (s site) text(keys ...string) string { return strings.ToLower(s.Properties.Text(keys...)) }
