package test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

const (
	originCertificate = "arn:aws:acm:eu-north-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
	viewerCertificate = "arn:aws:acm:us-east-1:123456789012:certificate/66666666-7777-8888-9999-000000000000"
)

// domainProd returns prod with a domain and both certificates.
func domainProd(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "prod", func(cfg *config.Config) {
		cfg.Edge.OriginCertificateARN = originCertificate
		cfg.Edge.OriginDomain = "origin.example.com"
		cfg.Edge.ViewerCertificateARN = viewerCertificate
		cfg.Edge.Domain = "api.example.com"
		cfg.Edge.WAF.CountOnly = config.CountOnly{Common: "uploads", RateLimit: "one office"}
	})
}

// hostedZoneProd returns prod with a domain in a hosted zone, instead of the load
// balancer's certificate, and with Shield Advanced.
func hostedZoneProd(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "prod", func(cfg *config.Config) {
		inZone(cfg)
		cfg.Edge.ShieldAdvanced = true
		cfg.Edge.WAF.CountOnly = config.CountOnly{IPReputation: "a", Common: "b", KnownBadInputs: "c", SQLInjection: "d", RateLimit: "e"}
	})
}

func inZone(cfg *config.Config) {
	cfg.Edge.HostedZoneID = "Z0123456789"
	cfg.Edge.OriginDomain = "origin.example.com"
	cfg.Edge.ViewerCertificateARN = viewerCertificate
	cfg.Edge.Domain = "api.example.com"
}

// vpcOriginProd returns prod with a VPC origin and every resource that a setting
// adds.
func vpcOriginProd(t *testing.T) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) {
		inZone(cfg)
		cfg.Edge.Ingress = config.IngressVPCOrigin
		cfg.Edge.ShieldAdvanced = true
		cfg.Service.Image = sharedImage
		cfg.Service.Migration = config.Migration{Command: []string{"/shop", "migrate"}, TimeoutMinutes: 14}
		cfg.Database.ApplicationUser = "catalog_app"
		cfg.Tags = map[string]string{"team": "catalog"}
		cfg.Logs.AccessLogRetentionDays = 90
		cfg.Network.InterfaceEndpoints = []string{"ecr.api", "secretsmanager"}
		cfg.Audit.UnusedAccess = true
		cfg.Alarms.Emails = []string{"oncall@example.com"}
	})
}

// vpcOriginProdWithoutCertificate returns prod with a VPC origin, without a domain.
func vpcOriginProdWithoutCertificate(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "prod", func(cfg *config.Config) {
		cfg.Edge.Ingress = config.IngressVPCOrigin
		cfg.Edge.WAF.Mode = config.WAFCount
		cfg.Edge.Countries = []string{"SE", "IE", "US"}
		cfg.Edge.OriginTimeoutSeconds = 60
		cfg.Edge.OriginHeaderVersion = 3
	})
}

// environmentsInTheEU returns the reference environments and each kind of
// environment with resources outside its own region.
func environmentsInTheEU(t *testing.T) []*environment {
	t.Helper()
	return append(allEnvironments(t), shortLived(t, "prod"), domainProd(t), hostedZoneProd(t), vpcOriginProd(t), secondRegionProd(t))
}

// inspectorOnlyDev returns dev without a trail, with Inspector as the only
// service of the account that it owns.
func inspectorOnlyDev(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", func(cfg *config.Config) {
		cfg.Audit = config.Audit{Trail: config.OwnershipOff, Inspector: config.OwnershipCreate}
	})
}

// inEnvironmentsWithKeys runs check in the environments with customer-managed
// keys. Two of them are disposable; one of these has a trail.
func inEnvironmentsWithKeys(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	for name, env := range map[string]*environment{
		"staging": reference(t, "staging"), "prod": reference(t, "prod"),
		"pr-17 from prod": shortLived(t, "prod"), "dev with keys": customerManagedKeysDev(t),
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, config.EncryptionCustomerManaged, env.Encryption)
			check(t, env)
		})
	}
}

// customerManagedKeysDev returns a disposable environment with customer-managed
// keys and a trail.
func customerManagedKeysDev(t *testing.T) *environment {
	t.Helper()
	return changed(t, "dev", func(cfg *config.Config) { cfg.Encryption = config.EncryptionCustomerManaged })
}

// inEnvironmentsWithBackups runs check in each environment that AWS Backup
// protects.
func inEnvironmentsWithBackups(t *testing.T, check func(t *testing.T, env *environment, data template)) {
	t.Helper()
	for _, suffix := range []string{"staging", "prod"} {
		t.Run(suffix, func(t *testing.T) {
			env := reference(t, suffix)
			require.True(t, env.Backup.Enabled)
			check(t, env, env.stack(t, "data"))
		})
	}
}

// environmentsBehindCloudFront returns the environments whose load balancer only
// CloudFront may reach.
func environmentsBehindCloudFront(t *testing.T) []*environment {
	t.Helper()
	return []*environment{
		reference(t, "staging"), reference(t, "prod"), shortLived(t, "prod"), domainProd(t), hostedZoneProd(t), vpcOriginProd(t),
	}
}

// inEnvironmentsBehindCloudFront runs check in each of them.
func inEnvironmentsBehindCloudFront(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	runIn(t, environmentsBehindCloudFront(t), check)
}

// restoredProd returns prod restored from another cluster, as of a time.
func restoredProd(t *testing.T, at string) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) {
		cfg.Database.RestoreFrom = config.RestoreFrom{Cluster: config.Project + "-old", Time: at}
	})
}

// unusualStaging returns staging with other service level objectives and AWS's
// keys.
func unusualStaging(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "staging", func(cfg *config.Config) {
		cfg.Encryption = config.EncryptionAWSManaged
		cfg.SLO = config.SLO{AvailabilityPercent: 99.5, MinRequests: 40}
	})
}

// sharedImage is in a repository of another account and region.
const sharedImage = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shared/catalog:1.2.3"

// ownImageDev returns dev with an application of its own, and other settings of size and
// scaling.
func ownImageDev(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", func(cfg *config.Config) {
		cfg.Service.Image = sharedImage
		cfg.Service.FormerRepositories = []string{
			"999999999999.dkr.ecr.eu-north-1.amazonaws.com/before", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shared/catalog",
		}
		cfg.Service.Architecture = config.ArchitectureARM
		cfg.Service.CPU, cfg.Service.Memory = 512, 1024
		cfg.Service.CPUTargetPercent, cfg.Service.RequestsPerTarget = 45, 321
		withApplication(cfg)
	})
}

// withApplication sets what an application needs beside the platform's database.
func withApplication(cfg *config.Config) {
	const arn = ":eu-north-1:123456789012:"
	cfg.Edge.IdleSeconds = 120
	cfg.Service.PullAccounts = []string{"210987654321"}
	cfg.Service.Command, cfg.Service.HealthCommand = []string{"/shop", "serve"}, []string{"/shop", "health"}
	cfg.Service.StopSeconds, cfg.Service.EphemeralStorageGiB = 60, 30
	cfg.Service.Tmpfs = map[string]int{"/var/cache/shop": 64}
	cfg.Service.Environment = map[string]string{"LOG_LEVEL": "info"}
	cfg.Service.Secrets = map[string]string{
		"API_TOKEN": "arn:aws:secretsmanager" + arn + "secret:shop/api-AbCdEf:token:AWSPREVIOUS:",
		"LICENCE":   "arn:aws:ssm" + arn + "parameter/shop/licence",
		"SIGNATURE": "arn:aws:secretsmanager" + arn + "secret:shop/signature-AbCdEf",
	}
	cfg.Service.SecretKeys = []string{"arn:aws:kms" + arn + "key/shop"}
	cfg.Service.Permissions = []config.Permission{
		{Service: "s3", Actions: []string{"GetObject", "Put*"}, Resources: []string{"arn:aws:s3:::shop-pictures/*"}},
		{Service: "sqs", Actions: []string{"SendMessage"}, Resources: []string{"arn:aws:sqs" + arn + "cart", "arn:aws:sqs" + arn + "mail"}},
	}
	cfg.Service.Egress = []config.Egress{
		{Port: 6379, To: "192.0.2.0/24", Description: "Cache"},
		{Port: 25, To: "pl-12345678", Description: "Mail"},
		{Port: 9092, To: "sg-12345678", Description: "Queue"},
	}
}

// canaryProd returns prod whose releases are shown to a part of the viewers first.
func canaryProd(t *testing.T) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) {
		cfg.Service.Release = config.Release{
			Strategy: config.StrategyCanary, AlternateTargetGroup: true, StepPercent: 5, StepBakeMinutes: 20, BakeMinutes: 30,
		}
	})
}

const secondRegion = "eu-central-1"

// secondRegionProd returns prod whose recovery points are copied to a second
// region.
func secondRegionProd(t *testing.T) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) { cfg.Backup.CopyToRegion = secondRegion })
}

// unusualProd returns prod with settings that no reference environment has.
func unusualProd(t *testing.T) *environment {
	t.Helper()
	return changed(t, "prod", func(cfg *config.Config) {
		cfg.Account = "111122223333"
		cfg.Network.CIDR = "192.168.7.0/24"
		cfg.Service.Image = sharedImage
		cfg.Backup.EveryHours = 4
		cfg.Edge.Countries = []string{"SE"}
		cfg.Edge.WAF.Mode = config.WAFCount
		cfg.Audit.SecurityHubStandards = []string{"foundational", "cis-1.4", "cis-3.0", "nist-800-53", "pci-dss-4.0"}
	})
}

// tunedProd returns prod with other numbers and exceptions, which change the
// properties of resources and add none.
func tunedProd(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "prod", func(cfg *config.Config) {
		cfg.Tags = map[string]string{"owner": "somebody"}
		cfg.Database.MaintenanceWindow, cfg.Database.BackupWindow = "sun:22:00", "22:30"
		cfg.Database.Parameters = map[string]float64{"statement_timeout": 30000, "random_page_cost": 1.1, "log_connections": 0}
		cfg.Backup.EveryHours = 12
		cfg.Service.StartSeconds = 300
		cfg.Edge.OriginTimeoutSeconds = 60
		cfg.Edge.OriginHeaderVersion = 2
		cfg.Edge.WAF.RateLimit = 100
		cfg.Edge.WAF.CountGroupRules = map[string]string{
			"SizeRestrictions_BODY": "uploads", "NoUserAgent_HEADER": "a partner", "SQLi_BODY": "reports",
		}
		cfg.Edge.WAF.ExemptPaths.Common = map[string]string{"/v1/images": "uploads"}
		cfg.Edge.WAF.ExemptPaths.SQLInjection = map[string]string{"/v1/reports": "SQL", "/v2/reports.d": "SQL"}
		cfg.Audit.GuardDutyPlans = []string{"EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS"}
		cfg.Audit.Inspector = config.OwnershipExisting
		cfg.Audit.AWSConfig = config.OwnershipExisting
	})
}

// unusualDev returns a disposable environment with settings that no reference
// environment has. It owns the detection services of its account.
func unusualDev(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "dev", func(cfg *config.Config) {
		cfg.Network.Zones = []string{"a", "b", "c"}
		cfg.Network.InterfaceEndpoints = []string{"ecr.api", "ecr.dkr"}
		cfg.Service.Port = 8080
		cfg.Edge.HostedZoneID = "Z0123456789"
		cfg.Edge.OriginDomain = "origin.example.com"
		cfg.Edge.OriginTimeoutSeconds = 60
		cfg.Audit = loaded(t, "prod", "").Audit
		cfg.Audit.UnusedAccess = true
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

// unusualEnvironments returns environments with settings that no reference
// environment has.
func unusualEnvironments(t *testing.T) []*environment {
	t.Helper()
	return []*environment{
		unusualProd(t), domainProd(t), hostedZoneProd(t), vpcOriginProd(t), secondRegionProd(t), restoredProd(t, "latest"),
		customerManagedKeysDev(t), ownImageDev(t), tunedProd(t), unusualDev(t), canaryProd(t),
	}
}

// environmentsWithEverySetting returns environments that together have each
// resource that a setting adds.
func environmentsWithEverySetting(t *testing.T) []*environment {
	t.Helper()
	return append(allEnvironments(t), secondRegionProd(t), vpcOriginProd(t), canaryProd(t))
}
