package permissions

import (
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"
)

func TestAStatementHasTheElementsThatItIsGiven(t *testing.T) {
	here := []*string{jsii.String("here")}
	require.Equal(t, map[string]any{"Effect": "Allow", "Resource": here, "Sid": "Read", "Action": []string{"s3:GetObject"}},
		Allow("Read", "s3:GetObject").On(here...).json())
	require.Equal(t, map[string]any{"Effect": "Deny", "Resource": here, "NotAction": []string{"iam:ListUsers"}},
		Statement{Deny: true, NotActions: []string{"iam:ListUsers"}}.On(here...).json())
	require.Panics(t, func() { Allow("Read", "s3:GetObject").json() })
}
