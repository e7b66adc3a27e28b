//go:build transitions

package transitions

import "testing"

// change is a change of one field, or of several together.
type change struct {
	name string

	// beside is in the file before and after the change.
	beside settings

	// to are the values to try: each of them, or the first that is accepted.
	to   []settings
	each bool
}

// changes returns the changes of each field, and those of several.
func changes(t *testing.T, fields map[string]property) (all []change) {
	t.Helper()
	for _, field := range sortedKeys(fields) {
		values, each := fields[field].values()
		found := change{name: field, beside: parsed(t, beside[field]), each: each}
		for _, value := range values {
			found.to = append(found.to, setting(field, value))
		}
		all = append(all, found)
	}
	for _, name := range sortedKeys(together) {
		all = append(all, change{name: name, to: []settings{parsed(t, together[name])}})
	}
	return all
}

// beside has what a field needs beside it, before and after its change, where no
// reference environment has it.
var beside = map[string]string{
	"audit.notifyFindings":             `account: "210987654321"`, // in another account than those that notify
	"database.applicationUser":         `service: {image: "` + image + `", migration: {command: [/catalog, migrate]}}`,
	"database.restoreFrom.cluster":     `database: {restoreFrom: {cluster: catalog-older, time: latest}}`,
	"database.restoreFrom.time":        `database: {restoreFrom: {cluster: catalog-old, time: latest}}`,
	"edge.countries":                   `alarms: {probe: false}`,
	"edge.domain":                      `edge: {domain: old.example.com, viewerCertificateArn: "` + otherViewerCertificate + `"}`,
	"edge.viewerCertificateArn":        `edge: {domain: old.example.com, viewerCertificateArn: "` + otherViewerCertificate + `"}`,
	"edge.originDomain":                `edge: {originDomain: old.example.com, originCertificateArn: "` + otherOriginCertificate + `"}`,
	"edge.originCertificateArn":        `edge: {originDomain: old.example.com, originCertificateArn: "` + otherOriginCertificate + `"}`,
	"edge.hostedZoneId":                `edge: {originDomain: old.example.com, hostedZoneId: Z9876543210}`,
	"service.command":                  `service: {image: "` + image + `"}`,
	"service.healthCommand":            `service: {image: "` + image + `"}`,
	"service.migration.command":        `service: {image: "` + image + `"}`,
	"service.migration.timeoutMinutes": `service: {image: "` + image + `", migration: {command: [/catalog]}}`,
	"service.release.strategy":         `service: {release: {alternateTargetGroup: true}}`,
	"service.secretKeys":               `service: {secrets: {API_TOKEN: "arn:aws:secretsmanager:eu-north-1:123456789012:secret:shop/api-AbCdEf"}}`,
	"edge.originPrefixList":            `{residency: none, region: us-east-1, edge: {originPrefixList: pl-0123456789}}`,
}

const (
	image                  = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:v1"
	otherViewerCertificate = "arn:aws:acm:us-east-1:123456789012:certificate/87654321-1234-1234-1234-123456789012"
	otherOriginCertificate = "arn:aws:acm:eu-north-1:123456789012:certificate/87654321-1234-1234-1234-123456789012"
)

// together are fields that are usually changed together, or that need one another.
var together = map[string]string{
	"a domain, its certificate and that of the load balancer": `edge: {domain: shop.example.com, viewerCertificateArn: "` + otherViewerCertificate +
		`", originDomain: origin.example.com, originCertificateArn: "` + otherOriginCertificate + `", plainHTTP: false}`,
	"a domain in a hosted zone": `edge: {domain: shop.example.com, viewerCertificateArn: "` + otherViewerCertificate +
		`", originDomain: origin.example.com, hostedZoneId: Z9876543210, plainHTTP: false}`,
	"a domain":                                          `edge: {domain: shop.example.com, viewerCertificateArn: "` + otherViewerCertificate + `"}`,
	"a certificate for the load balancer":               `edge: {originDomain: origin.example.com, originCertificateArn: "` + otherOriginCertificate + `", plainHTTP: false}`,
	"`edge.ingress` internet, no firewall":              `edge: {ingress: internet, waf: {mode: "off"}}`,
	"`edge.ingress` cloudfront, firewall":               `edge: {ingress: cloudfront, plainHTTP: true, waf: {mode: block}}`,
	"`service.image` and `service.port`":                `service: {image: "` + image + `", port: 8080}`,
	"`service.image` with `service.healthCheckPath`":    `service: {image: "` + image + `", healthCheckPath: /ready}`,
	"`service.image` for another architecture":          `service: {image: "` + image + `", architecture: arm64}`,
	"`service.release` with group and strategy at once": `service: {release: {alternateTargetGroup: true, strategy: canary}}`,
	"`service.cpu` and `service.memory`":                `service: {cpu: 2048, memory: 8192}`,
	"`network.zones`, one fewer":                        `network: {zones: [a, b], natGateways: 1}`,
	"`network.zones` in another order":                  `network: {zones: [b, a, c]}`,
	"`lifecycle` retained with backups":                 `{lifecycle: retained, backup: {enabled: true}}`,
	"`lifecycle` disposable without backups":            `{lifecycle: disposable, backup: {enabled: false}}`,
	"`alarms.extended` without firewall":                `{alarms: {extended: false}, edge: {waf: {mode: "off"}}}`,
	"`edge.originHeaderVersion` by more than one":       `edge: {originHeaderVersion: 4}`,
	"database.restoreFrom":                              `database: {restoreFrom: {cluster: catalog-old, time: latest}}`,
}

// irreversible are the changes that no deployment can make without harm.
var irreversible = map[string]refusal{
	"encryption":                                        {why: fixedName + "The key of its storage cannot change. " + restore},
	"database.name":                                     {why: fixedName + keeps},
	"database.username":                                 {why: fixedName + keeps},
	"database.applicationUser":                          {why: users},
	"database.restoreFrom.cluster":                      {why: fixedName + counts},
	"database.restoreFrom.time":                         {why: fixedName + counts},
	"database.restoreFrom":                              {why: fixedName + counts},
	"network.cidr":                                      {why: subnets},
	"`network.zones` in another order":                  {why: subnets},
	"`service.image` with `service.healthCheckPath`":    {why: "the tasks that run are asked for the new path. Deploy an image that answers both first"},
	"`edge.originHeaderVersion` by more than one":       {why: "CloudFront sends what is not accepted. [Go one by one](#rotate-the-origin-header)"},
	"service.release.alternateTargetGroup":              {why: "removing it sends all requests to the first group. " + strategies},
	"`service.release` with group and strategy at once": {why: "a failure would send all requests to the first group. " + strategies},
	"edge.originPrefixList":                             {why: "rules for two prefix lists exceed the quota of a security group. A region has one list of CloudFront"},
	"edge.ingress":                                      {"vpc-origin", "it takes [another load balancer](#use-a-vpc-origin). " + restore},
}

// refusal is what docs/operations.md says of a change that make deploy refuses.
type refusal struct {
	// value is the only one of the field to and from which it is refused; nil if all
	// are.
	value any

	why string
}

const (
	fixedName  = "the cluster has a fixed name, so it cannot be replaced. "
	keeps      = "A restored cluster keeps it, too"
	counts     = "It counts when the cluster is created, and stays written"
	users      = "taken back in a disposable environment, it deletes the user's secret and the log of its rotation. `ACCEPT='data lost'` does so"
	subnets    = "every subnet would be replaced while the database is in it. " + restore
	strategies = "[In this order](#choose-a-release-strategy)"
	restore    = "[Restore into a new environment](#restore-into-a-new-environment)"
)
