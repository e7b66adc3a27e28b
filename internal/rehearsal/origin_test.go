package rehearsal_test

import (
	"fmt"
	"strings"

	"catalog-infra/internal/rehearsal"
)

// edge is a distribution in front of a load balancer.
type edge struct {
	listeners     []string // as listener returns them
	port          int      // that CloudFront calls
	sends, admits string   // values of the header; of what is admitted JSON, several with commas
	domain        string   // JSON
	vpcOrigin     bool
}

var inFront = edge{[]string{listener("A", 80)}, 80, "one", `"one"`, `{"Fn::GetAtt": ["Lb", "DNSName"]}`, false}

func (e edge) stacks() stacks {
	endpoint := fmt.Sprintf(`{"OriginProtocolPolicy": "http-only", "HTTPPort": %d, "Arn": {"Ref": "Lb"}}`, e.port)
	origin := `"CustomOriginConfig": ` + endpoint
	if e.vpcOrigin {
		origin = `"VpcOriginConfig": {"VpcOriginId": {"Fn::GetAtt": ["Through", "Id"]}}`
	}
	resources := []string{fmt.Sprintf(`
		"Distribution": {"Type": "AWS::CloudFront::Distribution", "DependsOn": ["Rule", "A", "Through"], "Properties": {"DistributionConfig": {"Origins": [
			{"DomainName": %s, %s, "OriginCustomHeaders": [{"HeaderName": "X-Verify", "HeaderValue": "%s"}]}]}}},
		"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "A"}, "Priority": 1, "Conditions": [
			{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Verify", "Values": [%s]}}]}},
		"Name": {"Type": "AWS::Route53::RecordSet", "Properties": {"Name": "origin.example.com.", "AliasTarget": {"DNSName": {"Fn::Join": ["", ["dualstack.", {"Fn::GetAtt": ["Lb", "DNSName"]}]]}}}},
		"Through": {"Type": "AWS::CloudFront::VpcOrigin", "Properties": {"VpcOriginEndpointConfig": %s}}`,
		e.domain, origin, e.sends, e.admits, endpoint)}
	return stacks{{"web", balancer + strings.Join(append(resources, e.listeners...), ", "), ""}}
}

// with returns the edge with a change.
func (e edge) with(change func(*edge)) stacks {
	change(&e)
	return e.stacks()
}

// replaced returns the edge with another text in its template.
func (e edge) replaced(before, after string) stacks { return e.stacks().replaced(before, after) }

func (s stacks) replaced(before, after string) stacks {
	for i := range s {
		s[i].resources = strings.ReplaceAll(s[i].resources, before, after)
	}
	return s
}

func onHTTPS(e *edge) { e.listeners = []string{listener("A", 443)} }

func movesListener(e *edge) { e.listeners, e.port = []string{listener("A", 443)}, 443 }

func keepsListener(e *edge) {
	e.listeners, e.port = []string{listener("A", 80), listener("B", 443)}, 443
}

func sendsNone(e *edge) { e.sends = "" }

// anyViewer returns the edge with a listener that forwards each request.
func anyViewer(all stacks) stacks {
	all[0].resources = strings.Replace(all[0].resources, `"Port": 80`, `"Port": 80, "DefaultActions": [{"Type": "forward", "TargetGroupArn": "group"}]`, 1)
	all[0].resources = strings.Replace(all[0].resources, `"HttpHeaderName": "X-Verify"`, `"HttpHeaderName": "X-Other"`, 1)
	all[0].resources = strings.Replace(all[0].resources, `{"HeaderName": "X-Verify", "HeaderValue": ""}`, "", 1)
	return all
}

// certified returns the edge under a name, with a default certificate and a list of more.
func certified(certificate, name string, more ...string) stacks {
	all := inFront.with(byName).replaced("http-only", "https-only").replaced(`"HTTPPort"`, `"HTTPSPort"`).
		replaced("origin.example.com", name+".example.com").
		replaced(`"Port": 80`, `"Port": 80, "Certificates": [{"CertificateArn": "`+certificate+`"}]`)
	for _, each := range more {
		all[0].resources += fmt.Sprintf(`, "Listed%[1]s": {"Type": "AWS::ElasticLoadBalancingV2::ListenerCertificate", "Properties": {
			"ListenerArn": {"Ref": "A"}, "Certificates": [{"CertificateArn": "%[1]s"}]}}`, each)
	}
	return all
}

func byName(e *edge) { e.domain = `"origin.example.com"` }

func throughVPC(e *edge) { e.vpcOrigin = true }

// originPairs are about the way from CloudFront to the load balancer. CloudFront calls the
// former origin until a change has reached all its locations:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html
var originPairs = map[string]pair{
	"a listener that moves under CloudFront": {
		inFront.stacks(), inFront.with(movesListener),
		rehearsal.ServiceCut, "from here until web is deployed Distribution calls port 80 of Lb, which has no such listener",
	},
	"a listener that moves from the usual port": {
		inFront.with(byName).replaced(`"HTTPPort": 80, `, ""), inFront.with(func(e *edge) { byName(e); e.listeners = []string{listener("A", 443)} }).replaced(`"HTTPPort": 80, `, ""),
		rehearsal.ServiceCut, "calls port 80 of Lb",
	},
	"a listener that moves from the usual port of HTTPS": {
		inFront.with(onHTTPS).replaced("http-only", "https-only"), inFront.replaced("http-only", "https-only"),
		rehearsal.ServiceCut, "calls port 443 of Lb",
	},
	"a listener beside the one that CloudFront calls": {
		inFront.with(byName), inFront.with(func(e *edge) { byName(e); keepsListener(e) }),
		rehearsal.Fine, "",
	},
	"a listener that moves under a name": {
		inFront.with(byName), inFront.with(func(e *edge) { byName(e); movesListener(e) }),
		rehearsal.ServiceCut, "calls port 80 of Lb",
	},
	"a listener that moves under a VPC origin": {
		inFront.with(throughVPC), inFront.with(func(e *edge) { throughVPC(e); e.listeners = []string{listener("A", 443)} }),
		rehearsal.ServiceCut, "from here until another deployment Distribution calls port 80 of Lb",
	},
	// https://github.com/aws/aws-cdk/issues/35765
	"a VPC origin that changes in use": {
		inFront.with(throughVPC), inFront.with(func(e *edge) { throughVPC(e); keepsListener(e) }),
		rehearsal.Refused, "AWS changes no VPC origin that a distribution uses",
	},
	"a VPC origin that changes unused": {
		inFront.stacks(), inFront.with(keepsListener),
		rehearsal.Fine, "",
	},
	"another domain, whose certificate takes the place of the former one": {
		certified("old", "origin"), certified("new", "other"),
		rehearsal.ServiceCut, "from here until web is deployed Distribution asks Lb for a certificate for origin.example.com, which it does not have",
	},
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
	"another domain, whose certificate is there beside the former one": {
		certified("old", "origin", "old"), certified("new", "other", "new"),
		rehearsal.Replaced, "it is replaced, since Name cannot change",
	},
	"a new certificate for the domain": {
		certified("old", "origin"), certified("new", "origin"),
		rehearsal.Fine, "",
	},
	"a header whose former value is refused": {
		inFront.stacks(), inFront.with(func(e *edge) { e.sends, e.admits = "two", `"two"` }),
		rehearsal.ServiceCut, "Distribution sends a value of the header X-Verify that Lb does not admit",
	},
	// https://aws.amazon.com/blogs/security/how-to-enhance-amazon-cloudfront-origin-security-with-aws-waf-and-aws-secrets-manager/
	"a header whose former value is admitted, too": {
		inFront.stacks(), inFront.with(func(e *edge) { e.sends, e.admits = "two", `"one", "two"` }),
		rehearsal.Fine, "",
	},
	"a header that is asked for before it is sent": {
		anyViewer(inFront.with(sendsNone)), inFront.stacks(),
		rehearsal.ServiceCut, "from here until web is deployed Distribution lacks a header that Lb asks for",
	},
	"a header that was sent already": {
		anyViewer(inFront.stacks()), inFront.stacks(),
		rehearsal.Fine, "",
	},
	"a listener to which nothing forwards any more": {
		running.stacks(), without(running.stacks(), `"DefaultActions": [{"TargetGroupArn": {"Ref": "Targets"}}]`),
		rehearsal.ServiceCut, "from here until another deployment no listener forwards to groups/Tasks on port 3000",
	},
	"rules that are replaced before the service changes": {
		oneStack(3000), oneStack(8080),
		rehearsal.Replaced, "",
	},
	"a rule that moves out of its group": {
		app(atOnce(`"SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}]`, "")),
		app(atOnce("", `, "World": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "Balancer"}, "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}}`)),
		rehearsal.Fine, "",
	},
}

// without takes a property of the last stack away.
func without(all stacks, property string) stacks {
	last := &all[len(all)-1]
	last.resources = strings.Replace(last.resources, property, `"DefaultActions": []`, 1)
	return all
}

// oneStack is a service on a port, in one stack with its rules, which it waits for.
func oneStack(port int) stacks {
	made := running
	made.serves, made.passes = port, port
	all := made.stacks()
	resources := strings.NewReplacer(`{"Fn::ImportValue": "b"}`, `{"Ref": "Balancer"}`, `{"Fn::ImportValue": "t"}`, `{"Ref": "Tasks"}`,
		`"Type": "AWS::ECS::Service",`, `"Type": "AWS::ECS::Service", "DependsOn": ["In", "Out"],`).Replace(all[2].resources)
	all[2].resources = all[0].resources + ", " + resources
	return all[1:]
}

// atOnce is a service whose load balancer's group has the properties, beside more
// resources.
func atOnce(properties, more string) string {
	resources := oneStack(3000)[1].resources
	start := strings.Index(resources, `"SecurityGroupIngress"`)
	end := start + strings.Index(resources[start:], "}]") + len("}]")
	resources = resources[:start] + properties + resources[end:] + more
	return strings.Replace(resources, `{"Fn::ImportValue": "r"}`, `"role"`, 1)
}

// secretive is a service with a secret that its role may read, if it names it.
func secretive(injects, reads, comment string) stacks {
	all := running.stacks()
	all[1].resources += fmt.Sprintf(`, "One": {"Type": "AWS::SecretsManager::Secret"}, "Two": {"Type": "AWS::SecretsManager::Secret"},
		"Attached": {"Type": "AWS::SecretsManager::SecretTargetAttachment", "Properties": {"SecretId": {"Ref": "One"}}},
		"Reads": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "reads", "Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": %s, "Sid": "%s"}]}}}`, reads, comment)
	all[1].outputs += `, "O": {"Value": {"Ref": "Attached"}, "Export": {"Name": "one"}}, "W": {"Value": {"Ref": "Two"}, "Export": {"Name": "two"}}`
	all[2].resources = strings.Replace(all[2].resources, `"PortMappings"`,
		`"Secrets": [{"ValueFrom": {"Fn::Join": ["", [{"Fn::ImportValue": "`+injects+`"}, ":password::"]]}}], "PortMappings"`, 1)
	return all
}

// secretPairs are about what a task needs to start:
// https://github.com/agentic-community/mcp-gateway-registry/pull/1684
var secretPairs = map[string]pair{
	"a secret that running tasks may no longer read": {
		secretive("one", `{"Ref": "One"}`, ""), secretive("two", `{"Ref": "Two"}`, ""),
		rehearsal.ServiceCut, "from here until compute is deployed no new task can read iam/One as Role",
	},
	"a secret beside the former one": {
		secretive("one", `{"Ref": "One"}`, ""), secretive("two", `[{"Ref": "One"}, {"Ref": "Two"}]`, ""),
		rehearsal.Replaced, "",
	},
	"every secret": {
		secretive("one", `{"Ref": "One"}`, ""), secretive("one", `"*"`, "").replaced("secretsmanager:GetSecretValue", "secretsmanager:*"),
		rehearsal.Fine, "",
	},
	"another statement about a secret": {
		secretive("one", `{"Ref": "One"}`, ""), secretive("one", `"*"`, "Read"),
		rehearsal.Fine, "",
	},
}
