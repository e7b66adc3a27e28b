package config

// defaults returns an environment whose file has no field: careful rather than cheap.
// NATGateways is zero, since its default depends on the zones, and so is the timeout of a
// migration, which is refused without a command.
func defaults() Config {
	return Config{
		Region:     "eu-north-1",
		Residency:  ResidencyEU,
		Lifecycle:  LifecycleProtected,
		Encryption: EncryptionCustomerManaged,
		Tags:       map[string]string{},
		Network: Network{
			CIDR:               "10.0.0.0/16",
			Zones:              []string{"a", "b"},
			InterfaceEndpoints: []string{},
		},
		Database: Database{
			EngineVersion:       "16.8",
			Name:                "catalog",
			Username:            "catalog_admin",
			MinCapacity:         0.5,
			MaxCapacity:         2,
			Readers:             1,
			BackupRetentionDays: 35,
			MaintenanceWindow:   "tue:03:30",
			Parameters:          map[string]float64{},
			RotationDays:        90,
		},
		Backup:  Backup{Enabled: true, EveryHours: 24, RetentionDays: 35, RPOHours: 28, RTOHours: 4},
		Service: defaultService(),
		Edge: Edge{
			Ingress:              IngressCloudFront,
			OriginHeaderVersion:  1,
			OriginTimeoutSeconds: 30,
			IdleSeconds:          60,
			Countries:            []string{},
			AccessLogs:           true,
			WAF:                  WAF{Mode: WAFBlock, RateLimit: 2000, CountGroupRules: map[string]string{}},
		},
		Logs:             Logs{RetentionDays: 365, AccessLogRetentionDays: 30},
		Audit:            defaultAudit(),
		Alarms:           defaultAlarms(),
		SLO:              SLO{AvailabilityPercent: 99.9, MinRequests: 300},
		IncidentResponse: IncidentResponse{EvidenceRetentionDays: 365, Approvers: []string{}},
	}
}

func defaultService() Service {
	return Service{
		CPU:                 1024,
		Memory:              2048,
		Port:                3000,
		FormerRepositories:  []string{},
		PullAccounts:        []string{},
		HealthCheckPath:     "/health",
		StartSeconds:        60,
		MinTasks:            2,
		MaxTasks:            10,
		CPUTargetPercent:    60,
		RequestsPerTarget:   1000,
		Architecture:        ArchitectureX86,
		Command:             []string{},
		HealthCommand:       []string{},
		Migration:           Migration{Command: []string{}},
		StopSeconds:         30,
		EphemeralStorageGiB: 20,
		Tmpfs:               map[string]int{},
		Environment:         map[string]string{},
		Secrets:             map[string]string{},
		SecretKeys:          []string{},
		Permissions:         []Permission{},
		Egress:              []Egress{},
		Release:             Release{Strategy: StrategyRolling, StepPercent: 10, StepBakeMinutes: 15, BakeMinutes: 15},
	}
}

func defaultAlarms() Alarms {
	return Alarms{
		Emails:            []string{},
		ErrorRatePercent:  5,
		RequestsPerMinute: 10000,
		DatabaseFailures:  5,
		AuthFailures:      20,
		SQLInjections:     10,
		ResponseSeconds:   2,
		Probe:             true,
		Extended:          true,
	}
}

func defaultAudit() Audit {
	return Audit{
		NotifyFindings:       true,
		Trail:                OwnershipCreate,
		RetentionDays:        2557,
		GuardDuty:            OwnershipCreate,
		GuardDutyPlans:       []string{"S3_DATA_EVENTS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"},
		SecurityHub:          OwnershipCreate,
		SecurityHubStandards: []string{"foundational", "cis-3.0"},
		AWSConfig:            OwnershipCreate,
		AccessAnalyzer:       OwnershipCreate,
		Inspector:            OwnershipCreate,
	}
}
