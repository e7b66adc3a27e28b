// Package monitoring defines the stack of alarms, saved queries and the
// dashboard.
package monitoring
