package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/parity"
)

const wholeTask = `
"Definition": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "catalog-api-dev", "Cpu": "256", "Memory": "512",
	"ContainerDefinitions": [{"Image": "stand-in", "Secrets": [{"Name": "DB_PASSWORD", "ValueFrom": "x"}]}]}},
"Service": {"Type": "AWS::ECS::Service", "Properties": {}},
"Group": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {}},
"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {}},
"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"EngineVersion": "16.8"}},
"Parameters": {"Type": "AWS::RDS::DBClusterParameterGroup", "Properties": {"Parameters": {}}}`

func TestWithoutAnEngineTheFileIsWrittenAndTheErrorIsOneLine(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	_, err := run("run", "--files", dir+"/run", "--schema", "../../docs/log-contract.schema.json", "--image", "mine", writeStack(t, wholeTask))
	require.EqualError(t, err, "no container engine: got docker: not installed; podman: not installed; want Docker or Podman with compose")
	file, err := os.ReadFile(dir + "/run/compose.yaml")
	require.NoError(t, err)
	require.Contains(t, string(file), "image: mine\n")
}

func TestAnAssemblyWithoutATaskIsRefused(t *testing.T) {
	_, err := run("run", writeStack(t, plainTopic))
	require.ErrorContains(t, err, "the assembly has 0 of AWS::ECS::TaskDefinition, want one\n")
	require.ErrorContains(t, err, "the assembly has 0 of AWS::RDS::DBCluster, want one\n")
}

func TestABrokenClauseFailsTheRun(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, writeRows(&out, []parity.Row{{Clause: "port", Result: parity.Kept, Found: "3000"}}))
	require.Equal(t, "CLAUSE  RESULT  FOUND\nport    kept    3000\n", out.String())
	require.ErrorIs(t, writeRows(&out, []parity.Row{{Clause: "port", Result: parity.Broken}}), exitStatus(1))
}
