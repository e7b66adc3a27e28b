package rehearsal_test

import (
	"fmt"
	"strings"

	"catalog-infra/internal/rehearsal"
)

// service is an environment with its rules in one stack and its service in the
// next: a load balancer that reaches tasks on a port, and is itself reached on one.
type service struct {
	listens, serves int // ports of the listener and of the tasks
	admits, passes  int // ports that the rules let in, and through to the tasks
	image, pulls    string
	path            string // of the health check

	// allows are the rules between load balancer and tasks: out of the one, into the
	// other.
	allows string

	// rule makes a rule of the listener forward, in place of its default action.
	rule bool
}

var running = service{80, 3000, 80, 3000, "shop", "shop", "/", "out and in", false}

func (s service) stacks() stacks {
	rules := fmt.Sprintf(`
		"Balancer": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": %[1]d, "ToPort": %[1]d, "CidrIp": "0.0.0.0/0"}]}},
		"Tasks": {"Type": "AWS::EC2::SecurityGroup", "Properties": {}},
		"Out": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {"GroupId": {"Ref": "Balancer"}, "DestinationSecurityGroupId": {"Ref": "Tasks"}, "IpProtocol": "tcp", "FromPort": %[2]d, "ToPort": %[2]d}},
		"In": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "Tasks"}, "SourceSecurityGroupId": {"Ref": "Balancer"}, "IpProtocol": "tcp", "FromPort": %[2]d, "ToPort": %[2]d}}`,
		s.admits, s.passes)
	for _, end := range []string{"out", "in"} {
		if !strings.Contains(s.allows, end) {
			rule := map[string]string{"out": `"Out": {"Type": "AWS::EC2::SecurityGroupEgress"`, "in": `"In": {"Type": "AWS::EC2::SecurityGroupIngress"`}[end]
			rules = strings.Replace(rules, rule, `"No`+end+`": {"Type": "AWS::SNS::Topic"`, 1)
		}
	}
	exports := `"B": {"Value": {"Ref": "Balancer"}, "Export": {"Name": "b"}}, "T": {"Value": {"Ref": "Tasks"}, "Export": {"Name": "t"}}`
	roles := fmt.Sprintf(`
		"Role": {"Type": "AWS::IAM::Role", "Properties": {}},
		"Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": "arn:aws:ecr:eu-north-1:111122223333:repository/%s"}]}}}`, s.pulls)
	compute := fmt.Sprintf(`
		"Lb": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"SecurityGroups": [{"Fn::ImportValue": "b"}]}},
		"Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Lb"}, "Port": %d, "DefaultActions": [{"TargetGroupArn": {"Ref": "Targets"}}]}},
		"Targets": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"HealthCheckPath": "%s"}},
		"Definition": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ExecutionRoleArn": {"Fn::ImportValue": "r"}, "ContainerDefinitions": [
			{"Image": "111122223333.dkr.ecr.eu-north-1.amazonaws.com/%s:1", "PortMappings": [{"ContainerPort": %[4]d}]}]}},
		"Service": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "Definition"},
			"NetworkConfiguration": {"AwsvpcConfiguration": {"SecurityGroups": [{"Fn::ImportValue": "t"}]}},
			"LoadBalancers": [{"ContainerPort": %[4]d, "TargetGroupArn": {"Ref": "Targets"}}]}}`,
		s.listens, s.path, s.image, s.serves)
	if s.rule {
		compute = strings.Replace(compute, `"DefaultActions": [{"TargetGroupArn": {"Ref": "Targets"}}]`, `"DefaultActions": [{"Type": "fixed-response"}]`, 1) +
			`, "Forward": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Listener"}, "Actions": [{"TargetGroupArn": {"Ref": "Targets"}}]}}`
	}
	return stacks{
		{"groups", rules, exports},
		{"iam", roles, `"R": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}, "Export": {"Name": "r"}}`},
		{"compute", compute, ""},
	}
}

func (s service) with(change func(*service)) service {
	change(&s)
	return s
}

// changing is a deployment of a service with a change.
func changing(base service, change func(*service), want rehearsal.Verdict, says string) pair {
	return pair{base.stacks(), base.with(change).stacks(), want, says}
}

// servicePairs are about what running and new tasks need.
var servicePairs = map[string]pair{
	"another port of the tasks": changing(running, func(s *service) { s.serves, s.passes = 8080, 8080 }, rehearsal.ServiceCut,
		"from here until compute is deployed nothing passes from groups/Balancer to groups/Tasks on port 3000"),
	"rules for another port alone": changing(running, func(s *service) { s.passes = 8080 }, rehearsal.ServiceCut,
		"from here until another deployment nothing passes from groups/Balancer to groups/Tasks on port 3000"),
	"rules for another port than a rule of the listener forwards to": changing(running.with(func(s *service) { s.rule = true }), func(s *service) { s.passes = 8080 },
		rehearsal.ServiceCut, "to groups/Tasks on port 3000"),
	"rules that allow nothing out": changing(running, func(s *service) { s.allows = "in" }, rehearsal.ServiceCut,
		"nothing passes from groups/Balancer to groups/Tasks on port 3000"),
	"rules that allow nothing in": changing(running, func(s *service) { s.allows = "out" }, rehearsal.ServiceCut,
		"nothing passes from groups/Balancer to groups/Tasks on port 3000"),
	"rules that never allowed anything": changing(running.with(func(s *service) { s.allows = "" }), func(s *service) { s.image = "shop:2" }, rehearsal.Replaced, ""),
	"another port of the listener": changing(running, func(s *service) { s.listens, s.admits = 443, 443 }, rehearsal.ServiceCut,
		"from here until compute is deployed nothing reaches groups/Balancer on port 80"),
	"another repository": changing(running, func(s *service) { s.image, s.pulls = "other", "other" }, rehearsal.ServiceCut,
		"from here until compute is deployed no new task can pull shop as Role"),
	"another repository that both may pull from": changing(running.with(func(s *service) { s.pulls = "*" }), func(s *service) { s.image = "other" }, rehearsal.Replaced, ""),
	"another repository than the stack's own":    {withRepository("shop"), withRepository("other"), rehearsal.ServiceCut, "no new task can pull shop as Role"},
	"a health check of another path":             changing(running, func(s *service) { s.path = "/healthz" }, rehearsal.Fine, ""),
	"a health check and an image": changing(running, func(s *service) { s.path, s.image = "/healthz", "shop:2" }, rehearsal.ServiceCut,
		"the tasks that run are asked by the new HealthCheckPath"),
	"another image": changing(running, func(s *service) { s.image = "shop:2" }, rehearsal.Replaced, ""),
	"another port of the database": {
		withDatabase(5432), withDatabase(5433), rehearsal.ServiceCut, "nothing passes from groups/Tasks to groups/Data on port 5432",
	},

	// The policy is in the stack of the service, which creates it before the service
	// changes and deletes it at the end.
	"another policy in the stack of the service": {withPolicy("shop", "Pull"), withPolicy("other", "PullOther"), rehearsal.Replaced, ""},
	"a policy in the stack of the service that changes": {
		withPolicy("shop", "Pull"), withPolicy("other", "Pull"), rehearsal.ServiceCut, "no new task can pull shop as Role",
	},

	// https://github.com/aws/res/issues/27
	"old and new rules that are too many together": {
		ruled(rule("A", 80, cloudFront)), ruled(rule("B", 443, cloudFront)),
		rehearsal.Refused, "old and new rules together make 110 inbound rules of a/Group, the quota is 60",
	},
	"a list of addresses that stays, and an address":  {ruled(rule("A", 80, cloudFront)), ruled(rule("A", 80, cloudFront), rule("B", 443, ip)), rehearsal.Fine, ""},
	"an address that becomes a list of addresses":     {ruled(rule("A", 80, ip)), ruled(rule("B", 443, cloudFront)), rehearsal.Fine, ""},
	"a list of addresses that stays, and 5 addresses": {ruled(rule("A", 80, cloudFront)), ruled(rule("A", 80, cloudFront), fiveRules()), rehearsal.Fine, ""},
	"a list of addresses that stays, and 6 addresses": {
		ruled(rule("A", 80, cloudFront)), ruled(rule("A", 80, cloudFront), fiveRules(), rule("B", 443, ip)),
		rehearsal.Refused, "61 inbound rules",
	},
}

// withRepository returns the service with its image in a repository of its stack, and
// permission to pull from one.
func withRepository(pulls string) stacks {
	made := running.with(func(s *service) { s.pulls = pulls }).stacks().replaced(`"111122223333.dkr.ecr.eu-north-1.amazonaws.com/shop:1"`, `{"Fn::Join": ["", [{"Fn::GetAtt": ["Images", "RepositoryUri"]}, ":1"]]}`)
	made[2].resources += `, "Images": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": "shop"}}`
	return made
}

// withDatabase returns the service with a database whose group admits the tasks on a port.
func withDatabase(port int) stacks {
	made := running.stacks()
	made[0].resources += fmt.Sprintf(`, "Data": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"SourceSecurityGroupId": {"Ref": "Tasks"}, "IpProtocol": "tcp", "FromPort": %[1]d, "ToPort": %[1]d}]}},
		"ToData": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {"GroupId": {"Ref": "Tasks"}, "CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}}`, port)
	made[0].outputs += `, "D": {"Value": {"Ref": "Data"}, "Export": {"Name": "d"}}`
	return append(made, stacks{{"data", `"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"Port": 5432, "VpcSecurityGroupIds": [{"Fn::ImportValue": "d"}]}}`, ""}}...)
}

// withPolicy returns a service whose role may pull by a policy of the service's stack.
func withPolicy(repository, id string) stacks {
	made := running.with(func(s *service) { s.image, s.pulls = repository, "nothing" }).stacks()
	made[1].outputs += `, "N": {"Value": {"Ref": "Role"}, "Export": {"Name": "n"}}`
	made[2].resources += fmt.Sprintf(`, "%s": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Fn::ImportValue": "n"}], "PolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": "arn:aws:ecr:eu-north-1:111122223333:repository/%s"}]}}}`, id, repository)
	return made
}

const cloudFront, ip = `"SourcePrefixListId": "pl-0123456789abcdef0"`, `"CidrIp": "192.0.2.1/32"`

func rule(id string, port int, peer string) string {
	return fmt.Sprintf(`"%s": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "Group"}, "FromPort": %[2]d, "ToPort": %[2]d, "IpProtocol": "tcp", %s}}`, id, port, peer)
}

// fiveRules are for an address, on five ports.
func fiveRules() string {
	ports := strings.NewReplacer(`"FromPort": 0`, `"FromPort": 100%[1]d`, `"ToPort": 0`, `"ToPort": 100%[1]d`)
	return series("More", 5, ports.Replace(rule("%[2]s%[1]d", 0, ip)))
}

// ruled returns a group with the rules.
func ruled(rules ...string) stacks {
	return app(`"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {}}, ` + strings.Join(rules, ", "))
}
