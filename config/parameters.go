package config

import (
	"maps"
	"math"
	"slices"

	"catalog-infra/config/source"
)

// A Parameter is a parameter of PostgreSQL that database.parameters may set. Least and
// Most are PostgreSQL's own limits, or narrower. Whole excludes fractions.
type Parameter struct {
	Least, Most float64
	Whole       bool
}

const day = 24 * 60 * 60 * 1000 // milliseconds

// Parameters has the parameters that an environment may set, with their limits. All are
// in AWS's table of the parameters of an Aurora cluster, and none needs a restart. A
// timeout has at least a second, so that it ends no rotation. A page that is read at
// random costs no less than the next one.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Reference.ParameterGroups.html
var Parameters = map[string]Parameter{
	"autovacuum_analyze_scale_factor":     {0, 100, false},
	"autovacuum_vacuum_cost_delay":        {0, 100, false},
	"autovacuum_vacuum_cost_limit":        {1, 10000, true},
	"autovacuum_vacuum_scale_factor":      {0, 100, false},
	"default_statistics_target":           {1, 10000, true},
	"idle_in_transaction_session_timeout": {1000, day, true},
	"idle_session_timeout":                {1000, day, true},
	"jit":                                 {0, 1, true},
	"lock_timeout":                        {1000, day, true},
	"maintenance_work_mem":                {1024, math.MaxInt32, true},
	"max_parallel_workers_per_gather":     {0, 1024, true},
	"random_page_cost":                    {1, 100, false},
	"statement_timeout":                   {1000, day, true},
	"work_mem":                            {64, math.MaxInt32, true},
}

func checkParameters(c Config) []problem {
	var problems []problem
	for _, name := range slices.Sorted(maps.Keys(c.Database.Parameters)) {
		field, value := source.Join("database.parameters", name), c.Database.Parameters[name]
		parameter, listed := Parameters[name]
		if !listed {
			problems = append(problems, unless(false, field, "one of %s", source.List(slices.Sorted(maps.Keys(Parameters))))...)
			continue
		}
		number := "a number"
		if parameter.Whole {
			number = "a whole number"
		}
		holds := value >= parameter.Least && value <= parameter.Most && (!parameter.Whole || value == math.Trunc(value))
		problems = append(problems, unless(holds, field, "%s from %.0f to %.0f", number, parameter.Least, parameter.Most)...)
	}
	return problems
}
