package postgresql

// Parameters are the parameters of the cluster. None makes PostgreSQL log the text of
// a statement. The rotation runs ALTER USER with the new password in it, which counts
// as a change of the schema, may be slow, and may fail. pgAudit redacts the password
// (https://github.com/pgaudit/pgaudit), and works without its extension in a database.
// Terse messages have no DETAIL, where a deadlock has statements and a duplicate key its
// value. The client gets it all the same.
// Performance Insights has slow statements, and no role of the project may read it.
var Parameters = map[string]string{
	"rds.force_ssl":              "1",
	"log_connections":            "1",
	"log_disconnections":         "1",
	"log_statement":              "none",
	"log_min_duration_statement": "-1",
	"log_min_error_statement":    "panic",
	"log_error_verbosity":        "terse",
	"shared_preload_libraries":   "pg_stat_statements,pgaudit",
	"pgaudit.log":                "ddl,role",
}

// connections are the rows of AWS's table of max_connections by the largest capacity
// of an Aurora PostgreSQL instance, as of November 2026. Between two rows the number
// grows with the memory.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
var connections = []struct{ capacity, most float64 }{
	{1, 189}, {4, 823}, {8, 1669}, {16, 3360}, {32, 5000},
}

// cappedConnections is the maximum with a smallest capacity of half a unit or less.
const cappedConnections = 2000

// MostConnections returns max_connections of an instance with these limits, in Aurora
// capacity units.
func MostConnections(minCapacity, maxCapacity float64) int {
	most := connections[len(connections)-1].most
	for i, row := range connections {
		if maxCapacity > row.capacity {
			continue
		}
		most = row.most * maxCapacity / row.capacity
		if i > 0 {
			before := connections[i-1]
			most = before.most + (row.most-before.most)*(maxCapacity-before.capacity)/(row.capacity-before.capacity)
		}
		break
	}
	if minCapacity < 1 {
		most = min(most, cappedConnections)
	}
	return int(most)
}
