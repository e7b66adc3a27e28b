package test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// certified is production with a domain and both certificates, which no
// reference environment has.
func certified(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "prod", func(cfg *config.Config) {
		cfg.Edge.OriginCertificateARN = originCertificate
		cfg.Edge.OriginDomain = "origin.example.com"
		cfg.Edge.ViewerCertificateARN = viewerCertificate
		cfg.Edge.Domain = "api.example.com"
	})
}

// zoned is the same with a hosted zone instead of the load balancer's
// certificate, and with Shield Advanced.
func zoned(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "prod", func(cfg *config.Config) {
		inZone(cfg)
		cfg.Edge.ShieldAdvanced = accepted
	})
}

func inZone(cfg *config.Config) {
	cfg.Edge.HostedZoneID = "Z0123456789"
	cfg.Edge.OriginDomain = "origin.example.com"
	cfg.Edge.ViewerCertificateARN = viewerCertificate
	cfg.Edge.Domain = "api.example.com"
}

// withDomain checks production with a domain, with certificates from either
// source.
func withDomain(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	t.Run("with certificates", func(t *testing.T) { check(t, certified(t)) })
	t.Run("with a hosted zone", func(t *testing.T) { check(t, zoned(t)) })
}

const (
	originCertificate = "arn:aws:acm:eu-north-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
	viewerCertificate = "arn:aws:acm:us-east-1:123456789012:certificate/66666666-7777-8888-9999-000000000000"
)

// internal is production with a VPC origin, a hosted zone, tags, Shield Advanced
// and logs for 90 days, which no reference environment has.
func internal(t *testing.T) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) {
		inZone(cfg)
		cfg.Edge.Ingress = config.IngressVPCOrigin
		cfg.Edge.ShieldAdvanced = accepted
		cfg.Tags = map[string]string{"team": "catalog"}
		cfg.Logs.BucketDays = 90
	})
}

// internalWithoutCertificate is production with a VPC origin alone.
func internalWithoutCertificate(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "prod", func(cfg *config.Config) { cfg.Edge.Ingress = config.IngressVPCOrigin })
}

// throughVPC checks the environments whose load balancer has no public address.
func throughVPC(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	t.Run("with a certificate", func(t *testing.T) { check(t, internal(t)) })
	t.Run("without one", func(t *testing.T) { check(t, internalWithoutCertificate(t)) })
}

// openWithCertificate is dev with a certificate from a hosted zone for the load
// balancer alone.
func openWithCertificate(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", func(cfg *config.Config) {
		cfg.Edge.HostedZoneID = "Z0123456789"
		cfg.Edge.OriginDomain = "origin.example.com"
	})
}

// withEverything are environments that together have each resource that a
// setting brings.
func withEverything(t *testing.T) []*environment {
	t.Helper()
	return append(everyEnvironment(t), copiedOn(t), changed(t, "prod", func(cfg *config.Config) {
		cfg.Edge.Ingress = config.IngressVPCOrigin
		cfg.Edge.HostedZoneID = "Z0123456789ABCDEFGHIJ"
		cfg.Edge.Domain, cfg.Edge.OriginDomain = "api.example.com", "origin.example.com"
		cfg.Edge.ViewerCertificateARN = "arn:aws:acm:us-east-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
		cfg.Edge.ShieldAdvanced = "3000 USD a month for a year"
		cfg.Network.InterfaceEndpoints = []string{"ecr.api", "secretsmanager"}
		cfg.Audit.UnusedAccess = true
		cfg.Alarms.Emails = []string{"oncall@example.com"}
	}))
}

// residents are the reference environments, one without a file, those that
// configure all that may be elsewhere, and the one with a second region.
func residents(t *testing.T) []*environment {
	t.Helper()
	return append(everyEnvironment(t), shortLived(t, "prod"), certified(t), zoned(t), internal(t), copiedOn(t))
}

// withoutTrail is dev in an account whose trail is somebody else's, with
// Inspector as all that it owns.
func withoutTrail(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", func(cfg *config.Config) {
		cfg.Audit = config.Audit{Trail: config.OwnershipOff, Inspector: config.OwnershipCreate}
	})
}

// owner is a disposable environment with detection of its own: of all, its
// resources are the most likely to be deleted.
func owner(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", func(cfg *config.Config) {
		cfg.Audit = shipped(t, "prod").Config.Audit
		cfg.Audit.UnusedAccess = true
	})
}

// encrypted checks the environments with customer-managed keys. Of two nothing
// is kept, but for the trail of the one that has a trail.
func encrypted(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	for name, env := range map[string]*environment{
		"staging": shipped(t, "staging"), "prod": shipped(t, "prod"),
		"pr-17 from prod": shortLived(t, "prod"), "dev with keys": devWithKeys(t),
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, config.EncryptionCustomerManaged, env.Encryption)
			check(t, env)
		})
	}
}

// devWithKeys is disposable and has a trail: no reference environment with keys
// is both.
func devWithKeys(t *testing.T) *environment {
	t.Helper()
	return changed(t, "dev", func(cfg *config.Config) { cfg.Encryption = config.EncryptionCustomerManaged })
}

// copied checks each environment that has copies of its database.
func copied(t *testing.T, check func(t *testing.T, env *environment, data template)) {
	t.Helper()
	for _, suffix := range []string{"staging", "prod"} {
		t.Run(suffix, func(t *testing.T) {
			env := shipped(t, suffix)
			require.True(t, env.Backup.Copies)
			check(t, env, env.stack(t, "data"))
		})
	}
}

// behindCloudFront are the environments that nobody reaches around CloudFront.
func behindCloudFront(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	for name, env := range map[string]*environment{
		"staging":                shipped(t, "staging"),
		"prod":                   shipped(t, "prod"),
		"pr-17 from prod":        shortLived(t, "prod"),
		"prod with certificates": certified(t),
		"prod in a zone":         zoned(t),
		"prod without addresses": internal(t),
	} {
		t.Run(name, func(t *testing.T) { check(t, env) })
	}
}

// withRestarts are the environments in whose account there is a trail.
func withRestarts(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	everywhere(t, check)
	t.Run("pr-17 from dev", func(t *testing.T) { check(t, shortLived(t, "dev")) })
}

// withEndpoints is dev with interface endpoints, which no file chooses.
func withEndpoints(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", addEndpoints)
}

func addEndpoints(cfg *config.Config) {
	cfg.Network.InterfaceEndpoints = []string{"ecr.api", "secretsmanager"}
}

// restored is prod with the data of another cluster, as it was at a time.
func restored(t *testing.T, at string) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) {
		cfg.Database.RestoreFrom = config.RestoreFrom{Cluster: config.Project + "-old", Time: at}
	})
}

// withObjective is staging with an objective of its own.
func withObjective(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "staging", func(cfg *config.Config) {
		cfg.SLO = config.SLO{AvailabilityPercent: 99.5, MinRequests: 40}
	})
}

// sharedImage is in a repository of another account and region.
const sharedImage = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shared/catalog:1.2.3"

// ownImage is dev with an image, and a size and scaling to go with it.
func ownImage(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", func(cfg *config.Config) {
		cfg.Service.Image = sharedImage
		cfg.Service.FormerRepositories = []string{
			"999999999999.dkr.ecr.eu-north-1.amazonaws.com/before", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shared/catalog",
		}
		cfg.Service.Architecture = config.ArchitectureARM
		cfg.Service.CPU, cfg.Service.Memory = 512, 1024
		cfg.Service.CPUTargetPercent, cfg.Service.RequestsPerTarget = 45, 321
	})
}

// withOtherPlans chooses the plans of GuardDuty that prod does not.
func withOtherPlans(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "prod", func(cfg *config.Config) {
		cfg.Audit.GuardDutyPlans = []string{"EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS"}
		cfg.Audit.Inspector = config.OwnershipExisting
	})
}

// watched is dev with thresholds and addresses of its own: the reference
// environments leave them at their defaults.
func watched(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", func(cfg *config.Config) {
		cfg.Alarms = config.Alarms{
			Emails:            []string{"first@example.com", "second@example.com"},
			ErrorRatePercent:  2.5,
			RequestsPerMinute: 777,
			DatabaseFailures:  3,
			AuthFailures:      44,
			SQLInjections:     55,
		}
	})
}

const secondRegion = "eu-central-1"

// copiedOn is prod with copies in a second region.
func copiedOn(t *testing.T) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) { cfg.Backup.CopyRegion = secondRegion })
}

// unlike is production with what no reference environment chooses, as far as one
// choice has nothing to do with another.
func unlike(t *testing.T) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) {
		cfg.Account = "111122223333"
		cfg.Network.CIDR = "192.168.7.0/24"
		cfg.Service.Image = sharedImage
		cfg.Backup.EveryHours = 4
		cfg.Edge.Countries = []string{"SE", "NO"}
		cfg.Edge.WAF.Mode = config.WAFCount
		cfg.Audit.SecurityHubStandards = []string{"foundational", "cis-1.4", "cis-3.0", "nist-800-53", "pci-dss-4.0"}
	})
}

// unusual are environments that choose what no reference environment does.
func unusual(t *testing.T) []*environment {
	t.Helper()
	owner := withoutRunbooks(t, "dev", func(cfg *config.Config) {
		cfg.Audit = loaded(t, "prod", "").Audit
	})
	return []*environment{
		unlike(t), certified(t), zoned(t), internal(t), copiedOn(t), restored(t, "latest"), devWithKeys(t), ownImage(t), owner,
	}
}
