// Package database defines the Aurora PostgreSQL cluster, its credentials and its
// backups.
package database
