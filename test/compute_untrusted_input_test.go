package test

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// carries matches requests whose header has just that value.
func carries(value any) props {
	return props{"ByteMatchStatement": props{
		"FieldToMatch":         props{"SingleHeader": props{"Name": "x-origin-verify"}},
		"PositionalConstraint": "EXACTLY",
		"SearchString":         value,
		"TextTransformations":  []any{props{"Priority": 0.0, "Type": "NONE"}},
	}}
}

// Everybody may point a distribution of their own at the load balancer, and write
// somebody else's address into True-Client-IP.
func TestRequestsWithoutTheSecretAreBlockedBeforeAnyOtherRule(t *testing.T) {
	check := func(t *testing.T, env *environment) {
		compute := env.stack(t, "compute")
		rules := rulesOfWebACL(t, compute.one(webACL).Properties)
		require.Equal(t, "origin", rules[0]["Name"])
		require.EqualValues(t, 0, rules[0]["Priority"])
		require.Equal(t, props{"Block": props{}}, rules[0]["Action"])
		var accepted []any
		for _, value := range acceptedValues(t, compute).([]any) {
			accepted = append(accepted, carries(value))
		}
		require.Equal(t, props{"NotStatement": props{"Statement": props{"OrStatement": props{"Statements": accepted}}}}, rules[0]["Statement"])
	}
	inEnvironmentsBehindCloudFront(t, check)
	t.Run("in mode count", func(t *testing.T) { check(t, unusualProd(t)) })
}

// Foreign requests must neither fill the log that people read in an incident, nor
// show an invented address there.
func TestTheLogOfTheWebACLLeavesForeignRequestsOut(t *testing.T) {
	compute := reference(t, "prod").stack(t, "compute")
	require.Equal(t, []any{props{"Name": "foreign"}}, webACLRule(t, compute.one(webACL).Properties, "origin")["RuleLabels"])
	for name, text := range savedQueries(t, reference(t, "prod")) {
		if strings.Contains(text, "true-client-ip") {
			require.Contains(t, text, `terminatingRuleId != "origin"`, name)
		}
	}
}

// The secret is where CloudFormation resolves it: as it is, and in no encoding.
func TestNoTemplateEncodesTheSecret(t *testing.T) {
	inEnvironmentsBehindCloudFront(t, func(t *testing.T, env *environment) {
		for id := range env.templates {
			require.NotContains(t, jsonOf(t, env.templates[id].resources), "SearchStringBase64", id)
		}
	})
}

// choice is how requests come in.
type choice struct {
	ingress   config.Ingress
	mode      config.WAFMode
	countries string
	names     string
}

func (c choice) file() fstest.MapFS {
	return fstest.MapFS{"dev.yaml": {Data: []byte(fmt.Sprintf("lifecycle: retained\nedge:\n  ingress: %s\n  waf: {mode: %s}\n  countries: %s\n%s", c.ingress, c.mode, c.countries, c.names))}}
}

// goesByTheViewer reports whether all limits and geography of the choice can.
func (c choice) goesByTheViewer() bool {
	return c.ingress != config.IngressInternet || c.mode == config.WAFOff && c.countries == "[]"
}

const (
	ofNone = ""
	ofZone = "  hostedZoneId: Z0123456789\n  originDomain: origin.example.com\n"
	ofBoth = "  domain: api.example.com\n  viewerCertificateArn: " + viewerCertificate + "\n" +
		"  originDomain: origin.example.com\n  originCertificateArn: " + originCertificate + "\n"
)

func everyChoice() (all []choice) {
	for _, ingress := range []config.Ingress{config.IngressInternet, config.IngressCloudFront, config.IngressVPCOrigin} {
		for _, mode := range []config.WAFMode{config.WAFOff, config.WAFCount, config.WAFBlock} {
			for _, countries := range []string{"[]", "[SE, IE, US]"} {
				for _, names := range []string{ofNone, ofZone, ofBoth} {
					all = append(all, choice{ingress, mode, countries, names})
				}
			}
		}
	}
	return all
}

// With ingress internet requests reach the web ACL by CloudFront and around it:
// the address of the connection is CloudFront's, and the header anybody's.
func TestAWebACLThatCouldNotGoByTheViewerIsRefused(t *testing.T) {
	accepted := 0
	for _, c := range everyChoice() {
		_, _, err := config.Load(c.file(), "dev", "")
		if c.goesByTheViewer() {
			require.NoError(t, err, c)
			accepted++
			continue
		}
		require.ErrorContains(t, err, "with edge.ingress internet, which leads around CloudFront", c)
	}
	require.Equal(t, 39, accepted)
}

// Each pair of an ingress and a mode of the web ACL is in one of them.
func TestEveryLimitAndGeographyGoesByTheViewer(t *testing.T) {
	for _, env := range []*environment{
		reference(t, "staging"), domainProd(t), hostedZoneProd(t), unusualProd(t), vpcOriginProd(t), vpcOriginProdWithoutCertificate(t),
	} {
		rules := rulesOfWebACL(t, env.stack(t, "compute").one(webACL).Properties)
		require.Equal(t, "origin", rules[0]["Name"], "the header can be believed")
		for _, rule := range rules[1:] {
			requireByViewer(t, rule)
		}
	}
	require.NotContains(t, distributionOf(t, reference(t, "dev")), "Restrictions", "viewers may bypass CloudFront")
}

// requireByViewer checks that whatever in a rule goes by an address has it from
// the header, but for AWS's own groups, which read the connection's alone.
func requireByViewer(t *testing.T, rule props) {
	t.Helper()
	walk(rule, func(part any) {
		statement, _ := part.(props)
		for kind, setting := range map[string]string{
			"GeoMatchStatement": "ForwardedIPConfig", "RateBasedStatement": "ForwardedIPConfig", "IPSetReferenceStatement": "IPSetForwardedIPConfig",
		} {
			if body, ok := statement[kind]; ok {
				require.Equal(t, "True-Client-IP", at(t, body, setting, "HeaderName"), rule["Name"])
			}
		}
		if key, ok := statement["AggregateKeyType"]; ok {
			require.Equal(t, "FORWARDED_IP", key, rule["Name"])
		}
	})
}

// runViewerFunction returns what the function of CloudFront makes of a request.
func runViewerFunction(t *testing.T, code, ip, headers string) string {
	t.Helper()
	script := code + fmt.Sprintf("; process.stdout.write(JSON.stringify(handler({viewer: {ip: %q}, request: {headers: %s}}).headers))", ip, headers)
	return runNode(t, script)
}

func runNode(t *testing.T, script string) string {
	t.Helper()
	out, err := exec.Command("node", "-e", script).Output()
	require.NoError(t, err)
	return string(out)
}

// Whatever a viewer sends under these names is overwritten.
func TestViewersCanWriteNeitherTheirAddressNorHostNorScheme(t *testing.T) {
	code := reference(t, "prod").stack(t, "compute").one("AWS::CloudFront::Function").Properties["FunctionCode"].(string)
	const sent = `{"host":{"value":"api.example.com"},"true-client-ip":{"value":"203.0.113.9"},` +
		`"forwarded":{"value":"for=203.0.113.9"},"x-forwarded-host":{"value":"evil.example"},"accept":{"value":"*/*"}}`

	require.JSONEq(t, `{"host":{"value":"api.example.com"},"true-client-ip":{"value":"198.51.100.7"},"x-forwarded-host":{"value":"api.example.com"},
		"forwarded":{"value":"for=\"198.51.100.7\";host=\"api.example.com\";proto=https"},"accept":{"value":"*/*"}}`,
		runViewerFunction(t, code, "198.51.100.7", sent))
	require.Contains(t, runViewerFunction(t, code, "2001:db8::7", sent), `for=\"[2001:db8::7]\";`)
}

// deniedToFunctions are headers that a function of CloudFront may not write: a
// request would be answered with 502.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html, 2026-11-27
var deniedToFunctions = regexp.MustCompile(`^(cdn-loop|connection|content-length|expect|host|keep-alive|proxy-.*|trailer|transfer-encoding|` +
	`upgrade|via|x-accel-.*|x-amz-cf-.*|x-amzn-.*|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip)$`)

func TestTheFunctionWritesHeadersThatCloudFrontLetsItWrite(t *testing.T) {
	code := reference(t, "prod").stack(t, "compute").one("AWS::CloudFront::Function").Properties["FunctionCode"].(string)
	written := regexp.MustCompile(`headers\['([^']+)'\] =`).FindAllStringSubmatch(code, -1)
	require.Len(t, written, 3)
	for _, header := range written {
		require.NotRegexp(t, deniedToFunctions, header[1])
	}
}
