// Package waf defines the web ACL of the load balancer.
package waf
