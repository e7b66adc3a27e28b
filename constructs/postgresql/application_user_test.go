//go:build unix

package postgresql

import (
	"maps"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/postgrestest"
)

// cluster is a server with the master user catalog_admin, who owns the database
// catalog and is no superuser.
type cluster struct {
	*postgrestest.Server
	t *testing.T
}

func newCluster(t *testing.T) cluster {
	t.Helper()
	c := cluster{postgrestest.Start(t, func(server *postgrestest.Server) []string {
		access := "local all rds trust\nlocal all all scram-sha-256\n"
		require.NoError(t, os.WriteFile(server.Dir+"/access", []byte(access), 0o600))
		return append(options(server), "hba_file="+server.Dir+"/access")
	}), t}
	for _, statement := range []string{
		"CREATE ROLE catalog_admin LOGIN CREATEROLE CREATEDB PASSWORD 'master-TELLTALE'",
		"CREATE DATABASE catalog OWNER catalog_admin",
	} {
		output, err := c.Run(statement)
		require.NoError(t, err, output)
	}
	return c
}

// as runs a statement with a user's password.
func (c cluster) as(user, password, statement string) (string, error) {
	return c.Run(statement, "--dbname", "postgresql://"+user+":"+password+"@/catalog?host="+c.Dir)
}

func (c cluster) admin(statement string) {
	c.t.Helper()
	output, err := c.as("catalog_admin", "master-TELLTALE", statement)
	require.NoError(c.t, err, output)
}

// allowed and refused run statements as a user of the application.
func (c cluster) allowed(user, password string, statements ...string) {
	c.t.Helper()
	for _, statement := range statements {
		output, err := c.as(user, password, statement)
		require.NoError(c.t, err, "%s: %s", statement, output)
	}
}

func (c cluster) refused(user, password, because string, statements ...string) {
	c.t.Helper()
	for _, statement := range statements {
		output, err := c.as(user, password, statement)
		require.Error(c.t, err, statement)
		require.Contains(c.t, output, because, statement)
	}
}

// create runs ApplicationUserCommand as the container would.
func (c cluster) create(current, password string) {
	c.t.Helper()
	variables := maps.Clone(ApplicationUserVariables)
	maps.Copy(variables, map[string]string{
		"PGHOST": c.Dir, "PGDATABASE": "catalog", "PGUSER": "catalog_admin", "PGPASSWORD": "master-TELLTALE",
		"APPLICATION_USER": "catalog_app", "APPLICATION_USERNAME": current, "APPLICATION_PASSWORD": password,
	})
	output, err := c.Shell(variables, ApplicationUserCommand...)
	require.NoError(c.t, err, output)
	require.NotContains(c.t, output, "TELLTALE")
}

// rotate does to the database what AWS's function for alternating users does.
// https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas
func (c cluster) rotate(current, currentPassword, pending, password string) {
	c.t.Helper()
	c.refused(pending, password, "password authentication failed", "SELECT 1")
	c.allowed(current, currentPassword, "SELECT 1")
	found, err := c.Run("SELECT count(*) FROM pg_roles WHERE rolname = '" + pending + "'")
	require.NoError(c.t, err)
	if found == "0" {
		c.admin("CREATE ROLE " + pending + " WITH LOGIN PASSWORD '" + password + "'")
		c.admin("GRANT " + current + " TO " + pending)
	} else {
		c.admin("ALTER USER " + pending + " WITH PASSWORD '" + password + "'")
	}
	c.allowed(pending, password, "SELECT NOW()")
}

const table = `CREATE TABLE products (id serial PRIMARY KEY, name text)`

var rows = []string{
	"INSERT INTO products (name) VALUES ('lamp')", "SELECT * FROM products", "UPDATE products SET name = 'chair'", "DELETE FROM products",
}

var changesOfSchema = []string{
	"CREATE TABLE other (id int)", "CREATE SCHEMA other", "ALTER TABLE products ADD extra text", "DROP TABLE products",
	"TRUNCATE products", "CREATE ROLE other", "ALTER ROLE catalog_admin PASSWORD 'x'",
}

func TestTheApplicationUserReadsAndWritesRowsAndOwnsNothing(t *testing.T) {
	for order, create := range map[string]func(cluster){
		"tables come first": func(c cluster) { c.admin(table); c.create("catalog_app", "app-TELLTALE") },
		"the user comes first, and again": func(c cluster) {
			c.create("catalog_app", "former-TELLTALE")
			c.create("catalog_app", "app-TELLTALE")
			c.admin(table)
		},
	} {
		t.Run(order, func(t *testing.T) {
			c := newCluster(t)
			create(c)

			c.allowed("catalog_app", "app-TELLTALE", rows...)
			for _, change := range changesOfSchema {
				_, err := c.as("catalog_app", "app-TELLTALE", change)
				require.Error(t, err, change)
			}
			c.admin("CREATE SCHEMA later; CREATE TABLE later.lists (id int)")
			c.allowed("catalog_app", "app-TELLTALE", "INSERT INTO later.lists VALUES (1)")
			c.refused("catalog_app", "app-TELLTALE", "permission denied", "CREATE TABLE later.other (id int)")
			require.NotContains(t, c.Log(t), "TELLTALE")
		})
	}
}

func TestTheFormerPasswordIsValidUntilTheNextRotation(t *testing.T) {
	c := newCluster(t)
	c.create("catalog_app", "first-TELLTALE")
	c.admin(table)

	c.rotate("catalog_app", "first-TELLTALE", "catalog_app_clone", "second-TELLTALE")
	c.allowed("catalog_app", "first-TELLTALE", rows...)
	c.allowed("catalog_app_clone", "second-TELLTALE", rows...)
	for _, change := range changesOfSchema {
		_, err := c.as("catalog_app_clone", "second-TELLTALE", change)
		require.Error(t, err, change)
	}

	c.rotate("catalog_app_clone", "second-TELLTALE", "catalog_app", "third-TELLTALE")
	c.refused("catalog_app", "first-TELLTALE", "password authentication failed", "SELECT 1")
	c.allowed("catalog_app_clone", "second-TELLTALE", rows...)
	c.allowed("catalog_app", "third-TELLTALE", rows...)
	require.NotContains(t, c.Log(t), "TELLTALE")
}

// A restored cluster has the passwords of its time, or neither user.
func TestACloneThatIsTheCurrentUserGetsItsPasswordToo(t *testing.T) {
	c := newCluster(t)
	c.admin(table)
	for _, password := range []string{"restored-TELLTALE", "current-TELLTALE"} {
		c.create("catalog_app_clone", password)
		c.allowed("catalog_app_clone", password, rows...)
	}
	c.refused("catalog_app_clone", "restored-TELLTALE", "password authentication failed", "SELECT 1")
	c.rotate("catalog_app_clone", "current-TELLTALE", "catalog_app", "next-TELLTALE")
	c.allowed("catalog_app", "next-TELLTALE", rows...)
}

func TestTheApplicationUserCommandFailsWithTheFirstStatement(t *testing.T) {
	c := newCluster(t)
	output, err := c.Shell(map[string]string{
		"PGHOST": c.Dir, "PGDATABASE": "catalog", "PGUSER": "catalog_admin", "PGPASSWORD": "wrong",
		"APPLICATION_USER": "catalog_app", "APPLICATION_USERNAME": "catalog_app", "APPLICATION_PASSWORD": "app-TELLTALE",
	}, ApplicationUserCommand...)
	require.Error(t, err)
	require.Contains(t, output, "password authentication failed")
	require.NotContains(t, output, "TELLTALE")
}
