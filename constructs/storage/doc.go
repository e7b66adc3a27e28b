// Package storage defines keys, log groups and buckets.
package storage
