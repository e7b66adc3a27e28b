// Package stacks defines the CloudFormation stacks of an environment, one file for
// each, and in app.go the app that has them.
package stacks
