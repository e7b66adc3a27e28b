package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/network"
	"catalog-infra/constructs/storage"
	"catalog-infra/constructs/web"
)

// ComputeProps are the stacks that the compute stack builds on.
type ComputeProps struct {
	Network        *Network
	SecurityGroups *SecurityGroups
	Data           *Data
	IAM            *IAM
}

// Compute is the stack of what answers requests.
type Compute struct {
	awscdk.Stack

	Service      *web.Service
	LoadBalancer *web.LoadBalancer
	Repository   awsecr.IRepository

	// DeploymentAlarm takes a deployment back.
	DeploymentAlarm awscloudwatch.CfnAlarm

	// WebACL is nil where the configuration chooses none, as is WebACLLogs.
	// Logs are the application's.
	WebACL           *web.WebACL
	Logs, WebACLLogs awslogs.ILogGroup
}

// NewCompute defines the compute stack.
func NewCompute(env environment, props ComputeProps) *Compute {
	stack := env.newStack("compute", "Image repository, service, load balancer, firewall and CloudFront of the Product Catalog API")
	key := env.newKey(stack, storage.KeyProps{
		Description: "Images, logs and origin header of " + env.name,
		Disposable:  env.lifecycle.disposable,
		LogGroups:   true,
	})
	repository := web.NewRepository(stack, "Repository", web.RepositoryProps{Name: env.name, Key: key, Disposable: env.lifecycle.disposable})
	logs := env.newLogGroup(stack, "Logs", env.logGroupName(), key)
	service := newService(env, stack, props, logs)
	secret := newOriginSecret(env, stack, key)
	balancer := newLoadBalancer(env, stack, props, service, secret)
	acl, aclLogs := newWebACL(env, stack, balancer, secret, key)
	service.Scale(web.ScalingProps{
		MinTasks:          env.Service.MinTasks,
		MaxTasks:          env.Service.MaxTasks,
		CPUTargetPercent:  env.Service.CPUTargetPercent,
		RequestsPerTarget: env.Service.RequestsPerTarget,
		TargetGroup:       balancer.TargetGroup,
	})
	distribution := newDistribution(env, stack, props, balancer, secret)
	if acl != nil {
		// As for the load balancer: a new value of the secret is accepted before it is sent.
		distribution.Node().AddDependency(acl.Construct)
	}
	if env.Edge.ShieldAdvanced != "" {
		newShield(env, stack, balancer, distribution)
	}
	viewers := viewerDomain(env, distribution)
	if env.Alarms.Probe {
		web.NewHealthCheck(stack, "Probe", viewers, env.Service.HealthCheckPath)
	}
	output(stack, "ViewerURL", "Where viewers find the API", jsii.Sprintf("https://%s", viewers))
	output(stack, "RepositoryURI", "Where images are pushed to", repository.RepositoryUri())
	output(stack, "ClusterName", "The ECS cluster", service.Service.Cluster().ClusterName())
	output(stack, "ServiceName", "The ECS service", service.Service.ServiceName())
	return &Compute{stack, service, balancer, repository, newDeploymentAlarm(env, stack, service, balancer), acl, logs, aclLogs}
}

func newService(env environment, stack awscdk.Stack, props ComputeProps, logs awslogs.ILogGroup) *web.Service {
	aurora := props.Data.Database
	return web.NewService(stack, "Api", web.ServiceProps{
		Family:        env.name,
		Disposable:    env.lifecycle.disposable,
		Image:         env.Service.Image,
		PullAllowed:   privateImage.MatchString(env.Service.Image),
		Port:          env.Service.Port,
		CPU:           env.Service.CPU,
		MemoryMiB:     env.Service.Memory,
		ARM64:         env.Service.Architecture == config.ArchitectureARM,
		StartSeconds:  env.Service.StartSeconds,
		ExecutionRole: props.IAM.ExecutionRole,
		TaskRole:      props.IAM.TaskRole,
		Environment: map[string]*string{
			"DB_PORT": jsii.Sprintf("%d", database.Port),
			"DB_NAME": &env.Database.Name,
		},
		// The address is no secret, but comes with them: when another cluster is
		// cut over to, it changes without a deployment.
		Secrets: map[string]awsecs.Secret{
			"DB_HOST":     awsecs.Secret_FromSecretsManager(aurora.Secret, jsii.String("host")),
			"DB_USERNAME": awsecs.Secret_FromSecretsManager(aurora.Secret, jsii.String("username")),
			"DB_PASSWORD": awsecs.Secret_FromSecretsManager(aurora.Secret, jsii.String("password")),
		},
		LogGroup:      logs,
		Vpc:           props.Network.Vpc.Vpc,
		Subnets:       network.Private(),
		SecurityGroup: props.SecurityGroups.Tasks,
	})
}

func newLoadBalancer(env environment, stack awscdk.Stack, props ComputeProps, service *web.Service, secret *web.OriginSecret) *web.LoadBalancer {
	subnets := network.Public()
	if env.throughVPC() {
		subnets = network.Private()
	}
	return web.NewLoadBalancer(stack, "Ingress", web.LoadBalancerProps{
		Vpc:             props.Network.Vpc.Vpc,
		Subnets:         subnets,
		SecurityGroup:   props.SecurityGroups.LoadBalancer,
		InternetFacing:  !env.throughVPC(),
		AccessLogs:      props.Data.LogBucket,
		CertificateARN:  originCertificate(env, stack),
		Target:          service.Service,
		TargetPort:      env.Service.Port,
		OriginSecret:    secret,
		AnyViewer:       env.anyViewer(),
		HealthCheckPath: env.Service.HealthCheckPath,
		AllowDeletion:   !env.lifecycle.protected,
	})
}

// newOriginSecret is nil where the load balancer answers any viewer.
func newOriginSecret(env environment, stack awscdk.Stack, key awskms.IKey) *web.OriginSecret {
	if env.anyViewer() {
		return nil
	}
	return web.NewOriginSecret(stack, "OriginSecret", web.OriginSecretProps{Version: env.Edge.OriginHeaderVersion, Key: key})
}

// newWebACL returns the web ACL and its log group, or nil if edge.waf.mode is off.
func newWebACL(env environment, stack awscdk.Stack, balancer *web.LoadBalancer, secret *web.OriginSecret, key awskms.IKey) (*web.WebACL, awslogs.ILogGroup) {
	if env.Edge.WAF.Mode == config.WAFOff {
		return nil, nil
	}
	logs := env.newLogGroup(stack, "FirewallLogs", web.WebACLLogPrefix+env.name, key)
	return web.NewWebACL(stack, "Firewall", web.WebACLProps{
		Name:         env.name,
		LoadBalancer: balancer.LoadBalancer,
		Listener:     balancer.Listener,
		LogGroup:     logs,
		OriginSecret: secret,
		CountAll:     env.Edge.WAF.Mode == config.WAFCount,
		CountOnly:    slices.Sorted(maps.Keys(env.Edge.WAF.CountOnly.Reasons())),
		CountParts:   env.Edge.WAF.Parts(),
		ExemptPaths:  env.Edge.WAF.ExemptPaths.Paths(),
		RateLimit:    env.Edge.WAF.RateLimit,
	}), logs
}

// originCertificate is the ARN of the load balancer's certificate, or empty.
func originCertificate(env environment, stack awscdk.Stack) string {
	if env.Edge.HostedZoneID != "" {
		return web.NewCertificate(stack, "OriginCertificate", env.Edge.OriginDomain, env.Edge.HostedZoneID)
	}
	return env.Edge.OriginCertificateARN
}

// newDistribution also makes the names under which it is reached, and reaches
// the load balancer, where there is a zone to make them in.
func newDistribution(env environment, stack awscdk.Stack, props ComputeProps, balancer *web.LoadBalancer, secret *web.OriginSecret) awscloudfront.Distribution {
	settings := distributionProps(env, balancer, secret)
	settings.AccessLogs = props.Data.EdgeLogBucket
	distribution := web.NewDistribution(stack, "Edge", settings)
	// A new value of the secret is accepted before it is sent.
	distribution.Node().AddDependency(balancer.Construct)
	zone := env.Edge.HostedZoneID
	if zone != "" {
		web.NewLoadBalancerAlias(stack, "OriginAlias", env.Edge.OriginDomain, zone, balancer.LoadBalancer)
	}
	if zone != "" && env.Edge.Domain != "" {
		web.NewDistributionAlias(stack, "ViewerAlias", env.Edge.Domain, zone, distribution)
	}
	return distribution
}

// distributionProps reaches the load balancer by HTTPS under the name on its
// certificate, or, where it has none, by HTTP under the name that AWS gave it.
func distributionProps(env environment, balancer *web.LoadBalancer, secret *web.OriginSecret) web.DistributionProps {
	props := web.DistributionProps{
		Name:                 env.name,
		OriginDomain:         env.Edge.OriginDomain,
		OriginSecret:         secret,
		OriginTimeoutSeconds: env.Edge.OriginTimeoutSeconds,
		Countries:            env.Edge.Countries,
		Domain:               env.Edge.Domain,
		ViewerCertificateARN: env.Edge.ViewerCertificateARN,
	}
	if !env.Edge.HTTPSOrigin() {
		props.PlainOrigin = true
		props.OriginDomain = *balancer.LoadBalancer.LoadBalancerDnsName()
	}
	if env.throughVPC() {
		props.InternalOrigin = balancer.LoadBalancer
	}
	return props
}

func newShield(env environment, stack awscdk.Stack, balancer *web.LoadBalancer, distribution awscloudfront.Distribution) {
	props := web.ShieldProps{Name: env.name, Distribution: distribution}
	if !env.throughVPC() {
		props.LoadBalancer = balancer.LoadBalancer
	}
	web.NewShield(stack, "Shield", props)
}

func viewerDomain(env environment, distribution awscloudfront.Distribution) string {
	if env.Edge.Domain != "" {
		return env.Edge.Domain
	}
	return *distribution.DistributionDomainName()
}

func output(stack awscdk.Stack, id, description string, value *string) {
	awscdk.NewCfnOutput(stack, &id, &awscdk.CfnOutputProps{Description: &description, Value: value})
}
