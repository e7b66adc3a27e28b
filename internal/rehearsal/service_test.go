package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"

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

func TestWhatTasksNeedIsWatched(t *testing.T) {
	cases := map[string]struct {
		change func(*service)
		want   rehearsal.Verdict
		says   string
	}{
		"another port of the tasks": {func(s *service) { s.serves, s.passes = 8080, 8080 }, rehearsal.ServiceCut,
			"from here until compute is deployed nothing passes from groups/Balancer to groups/Tasks on port 3000"},
		"rules for another port alone": {func(s *service) { s.passes = 8080 }, rehearsal.ServiceCut,
			"from here until another deployment nothing passes from groups/Balancer to groups/Tasks on port 3000"},
		"rules that allow nothing out": {func(s *service) { s.allows = "in" }, rehearsal.ServiceCut, "nothing passes from groups/Balancer to groups/Tasks on port 3000"},
		"rules that allow nothing in":  {func(s *service) { s.allows = "out" }, rehearsal.ServiceCut, "nothing passes from groups/Balancer to groups/Tasks on port 3000"},
		"another port of the listener": {func(s *service) { s.listens, s.admits = 443, 443 }, rehearsal.ServiceCut,
			"from here until compute is deployed nothing reaches groups/Balancer on port 80"},
		"another repository": {func(s *service) { s.image, s.pulls = "other", "other" }, rehearsal.ServiceCut,
			"from here until compute is deployed no new task can pull shop as Role"},
		"another repository that both may pull from": {func(s *service) { s.image, s.pulls = "other", "*" }, rehearsal.Replaced, ""},
		"a health check of another path":             {func(s *service) { s.path = "/healthz" }, rehearsal.Fine, ""},
		"a health check and an image": {func(s *service) { s.path, s.image = "/healthz", "shop:2" }, rehearsal.ServiceCut,
			"the tasks that run are asked by the new HealthCheckPath"},
		"another image": {func(s *service) { s.image = "shop:2" }, rehearsal.Replaced, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			base, changed := running, running
			if strings.HasSuffix(name, "both may pull from") {
				base.pulls = "*"
			}
			test.change(&changed)
			requireVerdict(t, rehearsal.Deploy(base.stacks().assembly(t), changed.stacks().assembly(t)), test.want, test.says)
		})
	}
}

// The policy is in the stack of the service, which creates it before the service
// changes and deletes it at the end.
func TestAPolicyInTheStackOfTheServiceGoesAfterTheFormerTasks(t *testing.T) {
	pulling := func(name, id string) stacks {
		of := running
		of.image, of.pulls = name, "nothing"
		made := of.stacks()
		made[1].outputs += `, "N": {"Value": {"Ref": "Role"}, "Export": {"Name": "n"}}`
		made[2].resources += fmt.Sprintf(`, "%s": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Fn::ImportValue": "n"}], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": "arn:aws:ecr:eu-north-1:111122223333:repository/%s"}]}}}`, id, name)
		return made
	}
	base := pulling("shop", "Pull").assembly(t)
	requireVerdict(t, rehearsal.Deploy(base, pulling("other", "PullOther").assembly(t)), rehearsal.Replaced, "")
	requireVerdict(t, rehearsal.Deploy(base, pulling("other", "Pull").assembly(t)), rehearsal.ServiceCut, "no new task can pull shop as Role")
}

func TestWhatNeverPassedIsNoCut(t *testing.T) {
	base := running
	base.allows = ""
	changed := base
	changed.image = "shop:2"
	requireVerdict(t, rehearsal.Deploy(base.stacks().assembly(t), changed.stacks().assembly(t)), rehearsal.Replaced, "")
}

func TestARuleOfTheListenerForwards(t *testing.T) {
	base := running
	base.rule = true
	changed := base
	changed.passes = 8080
	report := rehearsal.Deploy(base.stacks().assembly(t), changed.stacks().assembly(t))
	requireVerdict(t, report, rehearsal.ServiceCut, "to groups/Tasks on port 3000")
}

func TestTheRepositoryMayBeTheStacksOwn(t *testing.T) {
	own := func(pulls string) stacks {
		all := running
		all.pulls = pulls
		made := all.stacks()
		made[2].resources = strings.Replace(made[2].resources, `"111122223333.dkr.ecr.eu-north-1.amazonaws.com/shop:1"`, `{"Fn::Join": ["", [{"Fn::GetAtt": ["Images", "RepositoryUri"]}, ":1"]]}`, 1) +
			`, "Images": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": "shop"}}`
		return made
	}
	report := rehearsal.Deploy(own("shop").assembly(t), own("other").assembly(t))
	requireVerdict(t, report, rehearsal.ServiceCut, "no new task can pull shop as Role")
}

func TestTasksAreWatchedOnTheirWayToTheDatabase(t *testing.T) {
	with := func(port int) stacks {
		made := running.stacks()
		made[0].resources += fmt.Sprintf(`, "Data": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"SourceSecurityGroupId": {"Ref": "Tasks"}, "IpProtocol": "tcp", "FromPort": %[1]d, "ToPort": %[1]d}]}},
			"ToData": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {"GroupId": {"Ref": "Tasks"}, "CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}}`, port)
		made[0].outputs += `, "D": {"Value": {"Ref": "Data"}, "Export": {"Name": "d"}}`
		return append(made, stacks{{"data", `"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"Port": 5432, "VpcSecurityGroupIds": [{"Fn::ImportValue": "d"}]}}`, ""}}...)
	}
	requireVerdict(t, rehearsal.Deploy(with(5432).assembly(t), with(5433).assembly(t)), rehearsal.ServiceCut, "nothing passes from groups/Tasks to groups/Data on port 5432")
}

// https://github.com/aws/res/issues/27
func TestOldAndNewRulesTogetherAreCounted(t *testing.T) {
	const group = `"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {}}`
	rule := func(id string, port int, peer string) string {
		return fmt.Sprintf(`, "%s": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "Group"}, "FromPort": %[2]d, "ToPort": %[2]d, "IpProtocol": "tcp", %s}}`, id, port, peer)
	}
	const cloudFront, address = `"SourcePrefixListId": "pl-0123456789abcdef0"`, `"CidrIp": "192.0.2.1/32"`
	deploy := func(before, after string) rehearsal.Report {
		return rehearsal.Deploy(stacks{{"g", group + before, ""}}.assembly(t), stacks{{"g", group + after, ""}}.assembly(t))
	}
	requireVerdict(t, deploy(rule("A", 80, cloudFront), rule("B", 443, cloudFront)),
		rehearsal.Refused, "old and new rules together make 110 inbound rules of g/Group, the quota is 60")
	requireVerdict(t, deploy(rule("A", 80, cloudFront), rule("A", 80, cloudFront)+rule("B", 443, address)), rehearsal.Fine, "")
	requireVerdict(t, deploy(rule("A", 80, address), rule("B", 443, cloudFront)), rehearsal.Fine, "")

	var more string
	for port := range 5 {
		more += rule(fmt.Sprintf("More%d", port), 1000+port, address)
	}
	requireVerdict(t, deploy(rule("A", 80, cloudFront), rule("A", 80, cloudFront)+more), rehearsal.Fine, "")
	report := deploy(rule("A", 80, cloudFront), rule("A", 80, cloudFront)+more+rule("B", 443, address))
	requireVerdict(t, report, rehearsal.Refused, "61 inbound rules")
}
