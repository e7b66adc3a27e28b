// Package postgresql holds what the database is told, apart from CDK, so that it
// can be tried on a real server.
package postgresql

// Parameters holds those of the cluster. None makes PostgreSQL log the text of a statement:
// the rotation says ALTER USER with the new password in it, which counts as a
// change of the schema, may be slow, and may fail. pgAudit logs it with the
// password redacted (https://github.com/pgaudit/pgaudit), and works without the
// extension of that name in a database. Slow statements are in Performance
// Insights, which no role of the project may read.
var Parameters = map[string]string{
	"rds.force_ssl":              "1",
	"log_connections":            "1",
	"log_disconnections":         "1",
	"log_statement":              "none",
	"log_min_duration_statement": "-1",
	"log_min_error_statement":    "panic",
	"shared_preload_libraries":   "pg_stat_statements,pgaudit",
	"pgaudit.log":                "ddl,role",
}
