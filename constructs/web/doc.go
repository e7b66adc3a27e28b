// Package web defines the image repository, the Fargate service, its load
// balancer, the web ACL and the CloudFront distribution.
package web
