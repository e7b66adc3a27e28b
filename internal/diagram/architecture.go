package diagram

import (
	"fmt"
	"slices"
	"strings"

	"catalog-infra/internal/reach"
)

// architecture is the picture of the way of a request, and of the services around it.
func architecture(f facts) drawing {
	edge := box{id: "edge", class: invisible, columns: 1, gap: 50, boxes: []box{
		{id: "viewers", label: "Viewers", class: person},
		{id: "cloudfront", label: "CloudFront\nedge locations", class: networking},
	}}
	account := box{id: "account", label: "AWS account, region " + f.region(), class: zone, columns: 1, gap: 20, boxes: []box{
		f.vpc(),
		{id: "services", label: "Storage, secrets and keys", class: frame, rows: 1, gap: 24, boxes: f.services()},
		{id: "notification", label: "Detection and notification", class: frame, boxes: f.notification()},
	}}
	return drawing{box: box{rows: 1, gap: 30, boxes: []box{edge, account}}, arrows: f.request()}
}

func (f facts) vpc() box {
	subnets := func(id, label string, class class, boxes ...box) box {
		return box{id: id, label: label, class: class, columns: 1, gap: 40, boxes: boxes}
	}
	balancer, nat := f.balancer(), box{id: "nat", label: f.count("NAT gateway", "NAT gateways", "AWS::EC2::NatGateway"), class: networking}
	tasks := box{id: "tasks", label: f.tasks(), class: compute}
	rotation := box{id: "rotation", label: "Lambda function\nthat rotates", class: compute}
	outside, inside := []box{balancer, nat}, []box{tasks, rotation}
	if f.internal() {
		outside, inside = []box{nat}, []box{balancer, tasks, rotation}
	}
	return box{
		id: "vpc", class: vpc, rows: 1, gap: 80,
		label: fmt.Sprintf("VPC %s, %s", f.first("AWS::EC2::VPC").Properties.Text("CidrBlock"),
			number(len(f.zones()), "Availability Zone", "Availability Zones")),
		boxes: []box{
			subnets("public", "Public subnets", public, outside...),
			subnets("private", "Private subnets", private, inside...),
			subnets("data", "Data subnets\nno route out", private, f.database()...),
		},
	}
}

// internal reports whether the load balancer has no public address.
func (f facts) internal() bool {
	return f.first("AWS::ElasticLoadBalancingV2::LoadBalancer").Properties.At("Scheme") == "internal"
}

func (f facts) balancer() box {
	label := "Load balancer"
	for _, acl := range f.OfType("AWS::WAFv2::WebACL") {
		label = lines(label, "web ACL, "+number(len(acl.Properties.List("Rules")), "rule", "rules"))
	}
	return box{id: "balancer", label: label, class: networking}
}

func (f facts) tasks() string {
	scaling := f.first("AWS::ApplicationAutoScaling::ScalableTarget").Properties
	definition := f.first("AWS::ECS::TaskDefinition").Properties
	return lines(
		fmt.Sprintf("%d–%d Fargate tasks", scaling.Int("MinCapacity"), scaling.Int("MaxCapacity")),
		fmt.Sprintf("%s CPU, %s MiB", definition.Text("Cpu"), definition.Text("Memory")))
}

func (f facts) database() []box {
	version := f.first("AWS::RDS::DBCluster").Properties.Text("EngineVersion")
	boxes := []box{{id: "writer", label: "Aurora PostgreSQL\n" + version, class: database}}
	if readers := len(f.OfType("AWS::RDS::DBInstance")) - 1; readers > 0 {
		boxes = append(boxes, box{id: "readers", label: number(readers, "reader", "readers"), class: database})
	}
	return boxes
}

// request is the way of a request, and what the tasks reach.
func (f facts) request() []arrow {
	database := fmt.Sprintf("%d, TLS", f.first("AWS::RDS::DBCluster").Properties.Int("Port"))
	arrows := []arrow{
		{"viewers", "cloudfront", "HTTPS"},
		{"cloudfront", "balancer", strings.Join(f.listeners(), ", ")},
		{"balancer", "tasks", fmt.Sprint(f.containerPort())},
		{"tasks", "writer", database},
		{"rotation", "writer", database},
		{"tasks", "nat", "443"},
		{"detection", "runbooks", ""},
		{"detection", "topic", ""},
		{"runbooks", "topic", ""},
		{"alarms", "topic", ""},
		{"topic", "people", "e-mail"},
	}
	if slices.ContainsFunc(reach.Read(f.Assembly).Paths, func(path reach.Path) bool {
		return path.From.Kind == reach.Internet && path.To.Kind == reach.LoadBalancer
	}) {
		arrows = append(arrows, arrow{"viewers", "balancer", strings.Join(f.listeners(), ", ")})
	}
	return arrows
}

func (f facts) listeners() []string {
	var ports []string
	for _, listener := range f.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		ports = append(ports, fmt.Sprintf("%s %d", listener.Properties.Text("Protocol"), listener.Properties.Int("Port")))
	}
	return ports
}

func (f facts) containerPort() int {
	for _, container := range f.first("AWS::ECS::TaskDefinition").Properties.Objects("ContainerDefinitions") {
		for _, mapping := range container.Objects("PortMappings") {
			return mapping.Int("ContainerPort")
		}
	}
	return 0
}

// services are what is beside the VPC. What the assembly does not define is left out.
func (f facts) services() []box {
	boxes := []box{
		{id: "secrets", label: lines(f.count("secret", "secrets", "AWS::SecretsManager::Secret"), f.rotation()), class: security},
		{id: "keys", label: lines("KMS", f.count("key", "keys", "AWS::KMS::Key")), class: security},
		{id: "images", label: lines("ECR", f.count("repository", "repositories", "AWS::ECR::Repository")), class: compute},
		{id: "buckets", label: lines("S3", f.count("bucket", "buckets", "AWS::S3::Bucket")), class: storage},
	}
	if f.has("AWS::Backup::BackupVault") {
		lock := f.first("AWS::Backup::BackupVault").Properties.Int("LockConfiguration", "MinRetentionDays")
		boxes = append(boxes, box{id: "backup", label: lines("AWS Backup", fmt.Sprintf("locked, %d days", lock)), class: storage})
	}
	return boxes
}

// notification has what finds something, and what it starts.
func (f facts) notification() []box {
	return []box{
		{id: "detection", label: f.detection(), class: security},
		{id: "runbooks", label: lines("Systems Manager", f.count("runbook", "runbooks", "AWS::SSM::Document")), class: management},
		{id: "alarms", label: lines("CloudWatch", f.count("alarm", "alarms", alarmTypes...)), class: management},
		{id: "topic", label: "SNS topic", class: management},
		{id: "people", label: "People on call", class: person},
	}
}

var alarmTypes = []string{"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}

func (f facts) rotation() string {
	schedule := f.first("AWS::SecretsManager::RotationSchedule").Properties.Text("RotationRules", "ScheduleExpression")
	return strings.NewReplacer("rate(", "rotated every ", ")", "").Replace(schedule)
}

// detectionServices are the types of the services that watch an account, with their
// names.
var detectionServices = [][2]string{
	{"AWS::CloudTrail::Trail", "CloudTrail"}, {"AWS::GuardDuty::Detector", "GuardDuty"}, {"AWS::SecurityHub::Hub", "Security Hub"},
	{"AWS::Config::ConfigurationRecorder", "Config"}, {"AWS::AccessAnalyzer::Analyzer", "Access Analyzer"},
	{"AWS::ECR::RegistryScanningConfiguration", "Inspector"},
}

// detection names the services of detection that are defined, two on a line.
func (f facts) detection() string {
	var label strings.Builder
	var names int
	for _, service := range detectionServices {
		if !f.has(service[0]) {
			continue
		}
		if names > 0 {
			label.WriteString([]string{",\n", ", "}[names%2])
		}
		label.WriteString(service[1])
		names++
	}
	return label.String()
}
