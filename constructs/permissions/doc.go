// Package permissions defines IAM policies, whose statements are plain Go, and
// roles that AWS services assume.
package permissions
