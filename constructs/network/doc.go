// Package network defines the VPC, its subnets, endpoints and flow log.
package network
