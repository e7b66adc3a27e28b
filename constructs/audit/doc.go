// Package audit defines the record of what is done in the account, and the
// services that analyze it.
package audit
