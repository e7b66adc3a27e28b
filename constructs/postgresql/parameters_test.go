//go:build unix

package postgresql

import (
	"fmt"
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

// PostgreSQL adds to some errors what helps the client: values of a row, and the statements
// of a deadlock.
func TestARealPostgreSQLLogsNoStatementOfADeadlockAndNoValueOfARow(t *testing.T) {
	server := postgrestest.Start(t, options)
	for _, statement := range []string{
		"CREATE TABLE rows (id int PRIMARY KEY, name text UNIQUE)", "INSERT INTO rows VALUES (1, 'a'), (2, 'b-TELLTALE')",
	} {
		output, err := server.Run(statement)
		require.NoError(t, err, output)
	}
	output, err := server.Run("INSERT INTO rows VALUES (3, 'b-TELLTALE')")
	require.Error(t, err)
	require.Contains(t, output, "DETAIL", "the client has it")
	outputs := make(chan string)
	for _, rows := range [][2]int{{1, 2}, {2, 1}} {
		go func() {
			output, _ := server.Run(fmt.Sprintf("BEGIN; UPDATE rows SET name = 'c%[1]d-TELLTALE' WHERE id = %[1]d; "+
				"SELECT pg_sleep(1); UPDATE rows SET name = 'd%[2]d-TELLTALE' WHERE id = %[2]d; COMMIT", rows[0], rows[1]))
			outputs <- output
		}()
	}
	require.Contains(t, <-outputs+<-outputs, "deadlock detected")

	log := server.Log(t)

	require.NotContains(t, log, "TELLTALE")
	require.Contains(t, log, "deadlock detected", "the errors are logged all the same")
	require.Contains(t, log, "duplicate key value")
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
