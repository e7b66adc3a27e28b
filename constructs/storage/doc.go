// Package storage defines encryption keys, log groups and buckets.
package storage
