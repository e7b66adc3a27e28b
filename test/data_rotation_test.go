package test

import (
	"testing"
)

// rotationParameters returns the parameters of the function's application.
func rotationParameters(t *testing.T, env *environment) props {
	t.Helper()
	return at(t, env.stack(t, "data").one(rotationFunction).Properties, "Parameters").(props)
}
