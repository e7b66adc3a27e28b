package controls

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"catalog-infra/internal/assembly"
)

const logExports = "EnableCloudwatchLogsExports"

// databaseChecks judge the database and its secrets. It is Aurora PostgreSQL: controls
// that name another engine are not in the register.
// https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html
var databaseChecks = map[string]check{
	"RDS.2":  property("PubliclyAccessible", false), // AWS's default depends on the VPC
	"RDS.3":  byItsCluster(property("StorageEncrypted", true)),
	"RDS.4":  property("StorageEncrypted", true), // a snapshot has the cluster's key
	"RDS.5":  onlyIf(isAlone, property("MultiAZ", true)),
	"RDS.6":  not(property("MonitoringInterval", nil, 0.0)),
	"RDS.7":  property("DeletionProtection", true),
	"RDS.8":  onlyIf(not(isAurora), property("DeletionProtection", true)),
	"RDS.9":  byItsCluster(onlyIf(isAurora, publishesLog)),
	"RDS.10": byItsCluster(property("EnableIAMDatabaseAuthentication", true)),
	"RDS.11": byItsCluster(isBackedUpForAWeek),
	"RDS.12": property("EnableIAMDatabaseAuthentication", true),
	"RDS.13": property("AutoMinorVersionUpgrade", nil, true),
	"RDS.15": isInTwoZones,
	"RDS.16": onlyIf(isAurora, property("CopyTagsToSnapshot", true)),
	"RDS.17": property("CopyTagsToSnapshot", true),
	"RDS.23": onlyIf(isAlone, not(property("Port", nil, "5432"))),
	"RDS.24": onlyIf(set("MasterUsername"), not(hasDefaultAdmin)), // a restored one has its source's
	"RDS.25": onlyIf(isAlone, not(hasDefaultAdmin)),
	"RDS.27": property("StorageEncrypted", true),
	"RDS.35": onlyIf(not(isAurora), property("AutoMinorVersionUpgrade", nil, true)),
	"RDS.37": onlyIf(isAurora, publishesLog),
	"RDS.46": isInPrivateSubnets,
	"RDS.50": isBackedUpForAWeek,

	"SecretsManager.1": func(e *environment, secret resource) verdict { return holds(len(rotations(e, secret)) > 0) },
	"SecretsManager.4": func(e *environment, secret resource) verdict {
		return holds(slices.ContainsFunc(rotations(e, secret), isEvery90Days))
	},
}

var (
	isAlone         = not(set("DBClusterIdentifier"))
	isAurora        = property("Engine", "aurora-postgresql")
	hasDefaultAdmin = property("MasterUsername", "admin", "postgres")
)

// byItsCluster judges a member of a cluster by the cluster, whose setting it has.
func byItsCluster(one check) check {
	return func(e *environment, r resource) verdict {
		if cluster, ok := e.target(r, r.at("DBClusterIdentifier")); ok {
			r = cluster
		}
		return one(e, r)
	}
}

func publishesLog(_ *environment, r resource) verdict {
	return holds(slices.Contains(assembly.AsList(r.at(logExports)), any("postgresql")))
}

func isBackedUpForAWeek(_ *environment, r resource) verdict {
	days, _ := r.at("BackupRetentionPeriod").(float64)
	return holds(days >= 7)
}

// isInTwoZones counts the zones of a cluster's instances. Aurora takes another zone for
// each, unless it is told which.
func isInTwoZones(e *environment, cluster resource) verdict {
	zones := map[string]bool{}
	for _, instance := range e.referring("AWS::RDS::DBInstance", "DBClusterIdentifier", cluster) {
		zone, told := instance.at("AvailabilityZone").(string)
		if !told {
			zone = "of " + instance.ID
		}
		zones[zone] = true
	}
	return holds(len(zones) > 1)
}

func isInPrivateSubnets(e *environment, instance resource) verdict {
	if cluster, ok := e.target(instance, instance.at("DBClusterIdentifier")); ok {
		instance = cluster
	}
	group, ok := e.target(instance, instance.at("DBSubnetGroupName"))
	if !ok {
		return exempt // the group of others, or the default one
	}
	return holds(!anyIn(group.at("SubnetIds"), func(value any) bool {
		subnet, _ := e.target(group, value)
		return leadsToTheInternet(e, subnet)
	}))
}

func leadsToTheInternet(e *environment, subnet resource) bool {
	return slices.ContainsFunc(e.referring("AWS::EC2::SubnetRouteTableAssociation", "SubnetId", subnet), func(association resource) bool {
		table, _ := e.target(association, association.at("RouteTableId"))
		return slices.ContainsFunc(e.referring("AWS::EC2::Route", "RouteTableId", table), func(route resource) bool {
			gateway, _ := e.target(route, route.at("GatewayId"))
			open := route.at("DestinationCidrBlock") == everywhere[0] || route.at("DestinationIpv6CidrBlock") == everywhere[1]
			return open && gateway.Type == "AWS::EC2::InternetGateway"
		})
	})
}

// rotations returns the schedules of a secret, also those of its attachment to a database.
func rotations(e *environment, secret resource) []resource {
	const schedule = "AWS::SecretsManager::RotationSchedule"
	found := e.referring(schedule, "SecretId", secret)
	for _, attachment := range e.referring("AWS::SecretsManager::SecretTargetAttachment", "SecretId", secret) {
		found = append(found, e.referring(schedule, "SecretId", attachment)...)
	}
	return found
}

var rate = regexp.MustCompile(`^rate\((\d+) (day|hour)s?\)$`)

// isEvery90Days knows rates, and cron expressions for every month.
func isEvery90Days(schedule resource) bool {
	if days, ok := schedule.at("RotationRules/AutomaticallyAfterDays").(float64); ok {
		return days <= 90
	}
	expression, _ := schedule.at("RotationRules/ScheduleExpression").(string)
	if match := rate.FindStringSubmatch(expression); match != nil {
		count, _ := strconv.Atoi(match[1]) // its digits are matched
		return match[2] == "hour" || count <= 90
	}
	fields := strings.Fields(expression) // minutes, hours, day, month
	return strings.HasPrefix(expression, "cron(") && len(fields) > 3 && fields[3] == "*"
}
