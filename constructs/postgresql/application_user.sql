\getenv user APPLICATION_USER
\getenv current APPLICATION_USERNAME

-- The rotation alternates between the user and USER_clone, a member of it. Either may be the current one.
SELECT format('CREATE ROLE %I LOGIN', name) FROM (VALUES (:'user'), (:'current')) AS wanted (name)
WHERE name NOT IN (SELECT rolname FROM pg_roles) GROUP BY name \gexec
SELECT format('GRANT %I TO %I', :'user', :'current') WHERE :'user' <> :'current' \gexec

-- Clusters that began with PostgreSQL 14 let everybody create tables here.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- What the master user will create.
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO :"user";
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"user";
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO :"user";

-- What the master user has created: schemas, then tables and views, then sequences.
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', nspname, :'user')
FROM pg_namespace WHERE pg_get_userbyid(nspowner) = current_user \gexec
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', oid::regclass, :'user')
FROM pg_class WHERE pg_get_userbyid(relowner) = current_user AND relkind IN ('r', 'p', 'v', 'm', 'f') AND relpersistence <> 't' \gexec
SELECT format('GRANT USAGE ON SEQUENCE %s TO %I', oid::regclass, :'user')
FROM pg_class WHERE pg_get_userbyid(relowner) = current_user AND relkind = 'S' AND relpersistence <> 't' \gexec

-- psql reads the password from the two lines that follow, and sends a SCRAM verifier instead of it.
\password :current
