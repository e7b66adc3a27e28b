//go:build firstweek

// Package firstweek does to a copy of the repository what an operator does in a
// first week, and sees that everything passes after each change.
package firstweek

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// edit is a change that the configuration allows, and that no test may mind.
type edit struct {
	name string

	// in are the changes by file, from the root of the repository.
	in map[string]change

	// second says that it goes together with the others that are second only.
	second bool
}

// change is what becomes of the text of a file; an empty one removes the file.
type change func(text string) (string, error)

const (
	dev, staging, prod, qa = "config/environments/dev.yaml", "config/environments/staging.yaml", "config/environments/prod.yaml", "config/environments/qa.yaml"

	viewer = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
	origin = "arn:aws:acm:eu-north-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
)

// edits are made one at a time, and then all that go together.
var edits = []edit{
	{name: "account", in: map[string]change{prod: add("account: \"123456789012\"\n")}},
	{name: "an account of its own, with its own audit", in: map[string]change{dev: all(
		add("account: \"210987654321\"\n"), line("  guardDuty: existing", "  guardDuty: create"), line("  securityHub: existing", "  securityHub: create"),
		line("  config: existing", "  config: create"), line("  accessAnalyzer: existing", "  accessAnalyzer: create"), line("  inspector: existing", "  inspector: create"),
		line("  notifyFindings: false", "  notifyFindings: true"),
	)}},
	{name: "e-mail addresses", in: map[string]change{
		prod: add("alarms:\n  emails:\n    - on-call@example.com\n    - platform@example.com\n"),
		dev:  below("alarms:", "  emails: [dev@example.com]\n"),
	}},
	{name: "domain in a hosted zone", in: map[string]change{
		prod: all(line("  plainHTTP: true", "  #"), below("edge:", "  hostedZoneId: Z0123456789ABCDEFGHIJ\n  domain: api.example.com\n"+
			"  originDomain: origin.example.com\n  viewerCertificateArn: "+viewer+"\n")),
		staging: add("edge: { hostedZoneId: \"\", domain: \"\", originDomain: \"\", viewerCertificateArn: \"\" }\n"),
	}},
	{name: "domain with certificates", in: map[string]change{
		dev: below("edge:", "  domain: dev.example.com\n  viewerCertificateArn: "+viewer+"\n  originDomain: origin.dev.example.com\n  originCertificateArn: "+origin+"\n"),
	}},
	{name: "own image", in: map[string]change{
		prod: below("service:", "  image: 123456789012.dkr.ecr.eu-north-1.amazonaws.com/catalog-api-prod:v1\n"),
		dev:  below("service:", "  image: public.ecr.aws/docker/library/node:22.12.0-alpine\n"),
	}},
	{name: "region", second: true, in: map[string]change{dev: add("region: eu-central-1\n"), prod: add("region: eu-central-1\n")}},
	{name: "firewall and rate", in: map[string]change{
		prod: line("    rateLimit: 2000", "    rateLimit: 500\n    countOnly: {rate-limit: one office}\n"+
			"    countGroupRules: {SizeRestrictions_BODY: uploads of images}\n    exemptPaths: {common: {/v1/descriptions: HTML}}"),
	}},
	{name: "scale", in: map[string]change{prod: all(
		below("service:", "  cpu: 2048\n  memory: 4096\n"), line("  minTasks: 3", "  minTasks: 6"), line("  maxTasks: 20", "  maxTasks: 60"),
		line("  maxCapacity: 16", "  maxCapacity: 64"), line("  readers: 1", "  readers: 2"),
	)}},
	{name: "NAT gateways", in: map[string]change{prod: line("  natGateways: 3", "  natGateways: 1"), staging: line("  natGateways: 1", "  natGateways: 3")}},
	{name: "recovery points copied to a second region", in: map[string]change{prod: below("backup:", "  copyToRegion: eu-central-1\n")}},
	{name: "no backup plan", in: map[string]change{staging: below("backup:", "  enabled: false\n  copyToRegion: \"\"\n")}},
	{name: "port and health path", in: map[string]change{
		prod: below("service:", "  port: 8080\n  healthCheckPath: /healthz\n"),
		dev:  below("service:", "  port: 8080\n  healthCheckPath: /healthz\n"),
	}},
	{name: "another environment", in: map[string]change{qa: add("from: staging\nlogs: {retentionDays: 14}\n")}},
	{name: "what editors and people leave beside the files", in: map[string]change{
		"config/environments/.#dev.yaml": add("unsaved"), "config/environments/dev.yaml~": add("from: dev\n"),
		"config/environments/prod (copy).yaml": add("from: prod\n"), "config/environments/UAT.yml": add("from: staging\n"),
	}},
	{name: "dev behind CloudFront and a web ACL, with logs for a month", in: map[string]change{dev: all(
		line("  ingress: internet", "  ingress: cloudfront"), line("    mode: off", "    mode: count"), line("  retentionDays: 7", "  retentionDays: 30"), line("  backupRetentionDays: 7", "  backupRetentionDays: 14"),
	)}},
	{name: "tags", in: map[string]change{dev: add("tags: {team: catalog}\n"), prod: add("tags:\n  team: catalog\n  cost-center: \"4711\"\n")}},
	{name: "range and zones", in: map[string]change{prod: below("network:", "  cidr: 10.20.0.0/16\n"), dev: line("  zones: [a, b]", "  zones: [b, c]")}},
	{name: "approvers and evidence", in: map[string]change{
		prod: add("incidentResponse:\n  evidenceRetentionDays: 90\n  approvers: [arn:aws:iam::123456789012:role/security]\n"),
	}},
	{name: "no public load balancer", second: true, in: map[string]change{prod: line("  ingress: cloudfront", "  ingress: vpc-origin")}},
	{name: "keys of AWS, and a database that is kept", second: true, in: map[string]change{
		prod: line("encryption: customer-managed", "encryption: aws-managed"),
		dev:  line("lifecycle: disposable", "lifecycle: retained"),
	}},
	{name: "an environment fewer", second: true, in: map[string]change{staging: remove}},
	{name: "another project", in: map[string]change{ofCode: line(`const Project = "catalog-api"`, `const Project = "shop-api"`)}},
}

// ofCode is the only file that an operator edits and that is code, after which
// every test may run.
const ofCode = "config/project.go"

func (e edit) ofCode() bool { return e.in[ofCode] != nil }

// apply changes the files below root.
func (e edit) apply(root string) error {
	for file, change := range e.in {
		path := filepath.Join(root, file)
		text, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		changed, err := change(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if changed == "" {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, []byte(changed), 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add puts a text at the end.
func add(text string) change {
	return func(before string) (string, error) { return before + text, nil }
}

// below puts a text below the line.
func below(start, text string) change {
	return line(start, start+"\n"+strings.TrimSuffix(text, "\n"))
}

// line puts a text in the place of the line that is so, but for a comment
// behind it, which stays.
func line(old, text string) change {
	return func(before string) (string, error) {
		lines := strings.Split(before, "\n")
		for i, each := range lines {
			if code, comment, found := strings.Cut(each, " #"); code == old {
				if found {
					comment = " #" + comment
				}
				lines[i] = text + comment
				return strings.Join(lines, "\n"), nil
			}
		}
		return "", fmt.Errorf("no line %q", old)
	}
}

func all(changes ...change) change {
	return func(text string) (string, error) {
		for _, change := range changes {
			var err error
			if text, err = change(text); err != nil {
				return "", err
			}
		}
		return text, nil
	}
}

func remove(string) (string, error) { return "", nil }
