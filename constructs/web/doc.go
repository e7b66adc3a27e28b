// Package web defines the image repository, the Fargate service, its load
// balancer and the CloudFront distribution.
package web
