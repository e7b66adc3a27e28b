package postgresql

import _ "embed"

//go:embed application_user.sql
var applicationUser string

// ApplicationUserImage has psql, by the digest that Docker Hub and ECR Public share. A
// client of PostgreSQL 17 works with every version from 14 on.
const ApplicationUserImage = "public.ecr.aws/docker/library/postgres:17.10-alpine" +
	"@sha256:742f40ea20b9ff2ff31db5458d127452988a2164df9e17441e191f3b72252193"

// ApplicationUserCommand creates the user that APPLICATION_USER names, which may read
// and write rows and owns nothing. It gives APPLICATION_USERNAME, which is that user or
// its clone, the password APPLICATION_PASSWORD. It connects as libpq's variables say,
// as the owner of the tables. It can be repeated, and prints no password.
//
// psql asks for a password at the terminal. A container has none, so psql reads its
// input.
var ApplicationUserCommand = []string{"sh", "-ec",
	`printf '%s%s\n%s\n' "$1" "$APPLICATION_PASSWORD" "$APPLICATION_PASSWORD" | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1`,
	"sh", applicationUser,
}

// ApplicationUserVariables make libpq use TLS, and never send a password as it is: psql
// cannot verify the certificate without RDS's authority, which is not in its image.
var ApplicationUserVariables = map[string]string{"PGSSLMODE": "require", "PGREQUIREAUTH": "scram-sha-256,md5"}
