// Package automation defines runbooks of SSM Automation, their roles, and the rules
// that start them.
package automation
