//go:build unix

package postgresql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/postgrestest"
)

// statements are what the rotation makes of the user, and what it would be if it
// were slow or failed. Each password has the word in it that the log must not.
var statements = []string{
	"CREATE ROLE catalog_admin LOGIN PASSWORD 'first-TELLTALE'",
	"ALTER USER catalog_admin WITH PASSWORD 'rotated-TELLTALE'",
	"SELECT pg_sleep(1.1); ALTER USER catalog_admin WITH PASSWORD 'slow-TELLTALE'",
	"ALTER USER catalog_stranger WITH PASSWORD 'failing-TELLTALE'",
	"ALTER USER catalog_admin WIT PASSWORD 'misspelt-TELLTALE'",
}

func TestARealPostgreSQLLogsNoPasswordUnderTheseParameters(t *testing.T) {
	server := postgrestest.Start(t, options)
	for _, statement := range statements {
		output, err := server.Run(statement)
		if err != nil { // some of them fail
			require.Contains(t, output, "ERROR", "it did not come to the server")
		}
	}

	log := server.Log(t)

	require.NotContains(t, log, "TELLTALE")
	require.Contains(t, log, `role "catalog_stranger" does not exist`, "the errors are logged all the same")
	if server.Audits {
		require.Contains(t, log, "ALTER USER catalog_admin WITH PASSWORD <REDACTED>", "and so is what changes a role")
	}
}

// options are the parameters that the server knows: those of RDS it does not, and
// pgAudit's only with that package.
func options(server *postgrestest.Server) []string {
	options := []string{"listen_addresses="}
	for name, value := range Parameters {
		known := !strings.HasPrefix(name, "rds.") && (server.Audits || !strings.Contains(name+value, "pgaudit"))
		if known {
			options = append(options, name+"="+value)
		}
	}
	return options
}
