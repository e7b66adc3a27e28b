package response

import "catalog-infra/config"

// condition reports whether an environment has a runbook or a rule.
type condition func(config.Config) bool

// holds reports whether the condition is met. There may be none.
func (c condition) holds(cfg config.Config) bool { return c == nil || c(cfg) }

func hasWAF(cfg config.Config) bool { return cfg.Edge.WAF.Mode != config.WAFOff }

// hasStricterAlarms reports whether there are alarms to enable in an incident.
func hasStricterAlarms(cfg config.Config) bool { return cfg.Alarms.Extended }

// The account may have each of these services from this environment or from
// somewhere else.
func hasTrail(cfg config.Config) bool     { return cfg.Audit.Trail != config.OwnershipOff }
func hasGuardDuty(cfg config.Config) bool { return cfg.Audit.GuardDuty != config.OwnershipOff }
func hasInspector(cfg config.Config) bool { return cfg.Audit.Inspector != config.OwnershipOff }
func hasAccessAnalyzer(cfg config.Config) bool {
	return cfg.Audit.AccessAnalyzer != config.OwnershipOff
}

// Only one environment notifies of findings that are about the account.
func notifiesOfHub(cfg config.Config) bool {
	return cfg.Audit.NotifyFindings && cfg.Audit.SecurityHub != config.OwnershipOff
}

func notifiesOfAccess(cfg config.Config) bool {
	return cfg.Audit.NotifyFindings && hasAccessAnalyzer(cfg)
}
