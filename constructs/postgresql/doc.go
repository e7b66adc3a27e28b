// Package postgresql holds the parameters and limits of the database apart from CDK,
// so that tests can try them without CDK and on a real server.
package postgresql
