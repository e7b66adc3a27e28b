package test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
	"catalog-infra/test/cost"
)

// changes are made in an environment that runs, and taken back.
var changes = []struct {
	name, suffix string
	before       func(*config.Config)
	change       func(*config.Config)
}{
	{"another port of the tasks", "prod", nil, func(cfg *config.Config) { cfg.Service.Port = 8080 }},
	{"an image of another repository", "dev", func(cfg *config.Config) { cfg.Service.Image = sharedImage }, func(cfg *config.Config) {
		cfg.Service.Image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/other:1"
	}},
	{"an image of a private repository", "dev", nil, func(cfg *config.Config) { cfg.Service.Image = sharedImage }},
	{"a domain in a hosted zone", "prod", nil, inZone},
	{"a certificate", "dev", nil, withCertificate},
	{"another domain of the load balancer", "prod", inZone, func(cfg *config.Config) { cfg.Edge.OriginDomain = "other.example.com" }},
	{"a load balancer for CloudFront alone", "dev", nil, func(cfg *config.Config) { cfg.Edge.Ingress = config.IngressCloudFront }},
	{"a web ACL that goes again", "dev", func(cfg *config.Config) { cfg.Edge.Ingress = config.IngressCloudFront }, func(cfg *config.Config) {
		cfg.Edge.WAF.Mode = config.WAFBlock
	}},
	{"another value of the origin header", "prod", nil, func(cfg *config.Config) { cfg.Edge.OriginHeaderVersion = 2 }},
	{"access logs of CloudFront", "dev", nil, func(cfg *config.Config) { cfg.Edge.AccessLogs = true }},
	{"another major version", "prod", nil, func(cfg *config.Config) { cfg.Database.EngineVersion = "18.1" }},
	{"a certificate behind a VPC origin", "prod", func(cfg *config.Config) { cfg.Edge.Ingress = config.IngressVPCOrigin }, withCertificate},
}

func withCertificate(cfg *config.Config) {
	cfg.Edge.OriginCertificateARN, cfg.Edge.OriginDomain = originCertificate, "origin.example.com"
}

func TestChangesDeployInOneStepWithoutACut(t *testing.T) {
	for _, test := range changes {
		t.Run(test.name, func(t *testing.T) {
			before := assemblyOf(t, changed(t, test.suffix, test.before))
			after := assemblyOf(t, changed(t, test.suffix, func(cfg *config.Config) {
				if test.before != nil {
					test.before(cfg)
				}
				test.change(cfg)
			}))
			for _, report := range []rehearsal.Report{rehearsal.Deploy(before, after), rehearsal.Deploy(after, before)} {
				require.NotEmpty(t, report.Steps)
				steps := report.Steps
				if report.Way != nil {
					steps = report.Way.Steps // which make deploy takes
				}
				for _, step := range steps {
					require.Positive(t, rehearsal.Worse(step.Verdict, rehearsal.ServiceCut), "%+v", step)
				}
			}
		})
	}
}

// The command reads both assemblies, too.
func TestAChangeOfProdIsRehearsedIn300Milliseconds(t *testing.T) {
	before, after := reference(t, "prod"), changed(t, "prod", func(cfg *config.Config) { cfg.Service.Port = 8080 })
	cost.RequireTime(t, 300*time.Millisecond, func() {
		require.NotEmpty(t, rehearsal.Deploy(assemblyOf(t, before), assemblyOf(t, after)).Steps)
	})
}

func assemblyOf(t *testing.T, env *environment) *assembly.Assembly {
	t.Helper()
	found, err := assembly.Load(env.directory)
	require.NoError(t, err)
	return found
}
