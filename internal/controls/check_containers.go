package controls

// containerChecks are those of Amazon ECS and Amazon ECR.
// https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
var containerChecks = map[string]check{
	"ECS.5": each("ContainerDefinitions", "ReadonlyRootFilesystem", true),
}
