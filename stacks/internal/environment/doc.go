// Package environment holds what all stacks of one environment share: names,
// ARNs, and the way in which it defines stacks, keys and log groups.
package environment
