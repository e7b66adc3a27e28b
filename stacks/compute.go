package stacks

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
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
	"catalog-infra/constructs/waf"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
	"catalog-infra/stacks/monitoring"
)

// computeProps are the stacks that the compute stack builds on.
type computeProps struct {
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
	WebACL           *waf.WebACL
	Logs, WebACLLogs awslogs.ILogGroup
}

// newCompute defines the compute stack.
func newCompute(env environment.Environment, props computeProps) *Compute {
	stack := env.NewStack("compute", "Image repository, service, load balancer, web ACL and CloudFront of the Product Catalog API")
	key := env.NewKey(stack, storage.KeyProps{
		Description: "Images, logs and origin header of " + env.Name,
		Disposable:  env.Lifecycle.Disposable,
		LogGroups:   true,
	})
	repository := web.NewRepository(stack, "Repository", web.RepositoryProps{Name: env.Name, Key: key, Disposable: env.Lifecycle.Disposable}).ECR
	logs := env.NewLogGroup(stack, "Logs", env.LogGroupName(), key)
	service := newService(env, stack, props, logs)
	secret := newOriginSecret(env, stack, key)
	balancer := newLoadBalancer(env, stack, props, service, secret)
	acl, aclLogs := newWebACL(env, stack, balancer, secret, key)
	service.Scale(web.ScalingProps{
		MinTasks:          env.Config.Service.MinTasks,
		MaxTasks:          env.Config.Service.MaxTasks,
		CPUTargetPercent:  env.Config.Service.CPUTargetPercent,
		RequestsPerTarget: env.Config.Service.RequestsPerTarget,
		TargetGroup:       balancer.TargetGroup,
	})
	distribution := newDistribution(env, stack, props, balancer, secret)
	if acl != nil {
		// As for the load balancer: a new value of the secret is accepted before it is sent.
		distribution.CloudFront.Node().AddDependency(acl.Construct)
	}
	if env.Config.Edge.ShieldAdvanced {
		newShield(env, stack, balancer, distribution)
	}
	viewers := viewerDomain(env, distribution)
	if env.Config.Alarms.Probe {
		web.NewHealthCheck(stack, "Probe", web.HealthCheckProps{Domain: viewers, Path: env.Config.Service.HealthCheckPath})
	}
	environment.Output(stack, "ViewerURL", "Where viewers find the API", jsii.Sprintf("https://%s", viewers))
	environment.Output(stack, "RepositoryURI", "Where images are pushed to", repository.RepositoryUri())
	environment.Output(stack, "ClusterName", "The ECS cluster", service.Fargate.Cluster().ClusterName())
	environment.Output(stack, "ServiceName", "The ECS service", service.Fargate.ServiceName())
	return &Compute{stack, service, balancer, repository, monitoring.NewDeploymentAlarm(env, stack, service, balancer), acl, logs, aclLogs}
}

func newService(env environment.Environment, stack awscdk.Stack, props computeProps, logs awslogs.ILogGroup) *web.Service {
	aurora := props.Data.Database
	_, private := env.Config.Service.ImageRepository()
	return web.NewService(stack, "Api", web.ServiceProps{
		Family:        env.Name,
		Disposable:    env.Lifecycle.Disposable,
		Image:         env.Config.Service.Image,
		PullAllowed:   private,
		Port:          env.Config.Service.Port,
		CPU:           env.Config.Service.CPU,
		MemoryMiB:     env.Config.Service.Memory,
		ARM64:         env.Config.Service.Architecture == config.ArchitectureARM,
		StartSeconds:  env.Config.Service.StartSeconds,
		ExecutionRole: props.IAM.ExecutionRole,
		TaskRole:      props.IAM.TaskRole,
		Environment: map[string]string{
			"DB_PORT": strconv.Itoa(database.Port),
			"DB_NAME": env.Config.Database.Name,
		},
		// The address is no secret, but comes with them: when another cluster is
		// cut over to, it changes without a deployment.
		Secrets: map[string]awsecs.Secret{
			"DB_HOST":     awsecs.Secret_FromSecretsManager(aurora.Secret, jsii.String("host")),
			"DB_USERNAME": awsecs.Secret_FromSecretsManager(aurora.Secret, jsii.String("username")),
			"DB_PASSWORD": awsecs.Secret_FromSecretsManager(aurora.Secret, jsii.String("password")),
		},
		LogGroup:      logs,
		Vpc:           props.Network.VPC,
		Subnets:       network.Private(),
		SecurityGroup: props.SecurityGroups.Tasks,
	})
}

func newLoadBalancer(env environment.Environment, stack awscdk.Stack, props computeProps, service *web.Service, secret *web.OriginSecret) *web.LoadBalancer {
	subnets := network.Public()
	if env.Config.Edge.Ingress.Internal() {
		subnets = network.Private()
	}
	return web.NewLoadBalancer(stack, "Ingress", web.LoadBalancerProps{
		Vpc:             props.Network.VPC,
		Subnets:         subnets,
		SecurityGroup:   props.SecurityGroups.LoadBalancer,
		InternetFacing:  !env.Config.Edge.Ingress.Internal(),
		AccessLogs:      props.Data.LogBucket,
		CertificateARN:  originCertificate(env, stack),
		Target:          service.Fargate,
		TargetPort:      env.Config.Service.Port,
		OriginSecret:    secret,
		AnyViewer:       env.Config.Edge.Ingress.AnyViewer(),
		HealthCheckPath: env.Config.Service.HealthCheckPath,
		AllowDeletion:   !env.Lifecycle.Protected,
	})
}

// newOriginSecret is nil where the load balancer answers any viewer.
func newOriginSecret(env environment.Environment, stack awscdk.Stack, key awskms.IKey) *web.OriginSecret {
	if env.Config.Edge.Ingress.AnyViewer() {
		return nil
	}
	return web.NewOriginSecret(stack, "OriginSecret", web.OriginSecretProps{Version: env.Config.Edge.OriginHeaderVersion, Key: key})
}

// newWebACL returns the web ACL and its log group, or nil if edge.waf.mode is off.
func newWebACL(env environment.Environment, stack awscdk.Stack, balancer *web.LoadBalancer, secret *web.OriginSecret, key awskms.IKey) (*waf.WebACL, awslogs.ILogGroup) {
	if env.Config.Edge.WAF.Mode == config.WAFOff {
		return nil, nil
	}
	logs := env.NewLogGroup(stack, "FirewallLogs", waf.LogPrefix+env.Name, key)
	return waf.NewWebACL(stack, "Firewall", waf.WebACLProps{
		Name:         env.Name,
		LoadBalancer: balancer.ALB,
		Listener:     balancer.Listener,
		LogGroup:     logs,
		OriginSecret: secret,
		CountAll:     env.Config.Edge.WAF.Mode == config.WAFCount,
		CountOnly:    slices.Sorted(maps.Keys(env.Config.Edge.WAF.CountOnly.Reasons())),
		CountParts:   env.Config.Edge.WAF.GroupRules(),
		ExemptPaths:  env.Config.Edge.WAF.ExemptPaths.Paths(),
		RateLimit:    env.Config.Edge.WAF.RateLimit,
	}), logs
}

// originCertificate is the ARN of the load balancer's certificate, or empty.
func originCertificate(env environment.Environment, stack awscdk.Stack) string {
	if env.Config.Edge.HostedZoneID != "" {
		return web.NewCertificate(stack, "OriginCertificate", web.CertificateProps{
			Domain: env.Config.Edge.OriginDomain, HostedZoneID: env.Config.Edge.HostedZoneID,
		}).ARN
	}
	return env.Config.Edge.OriginCertificateARN
}

// newDistribution also makes the names under which it is reached, and reaches
// the load balancer, where there is a zone to make them in.
func newDistribution(env environment.Environment, stack awscdk.Stack, props computeProps, balancer *web.LoadBalancer, secret *web.OriginSecret) *web.Distribution {
	settings := distributionProps(env, balancer, secret)
	settings.AccessLogs = props.Data.EdgeLogBucket
	distribution := web.NewDistribution(stack, "Edge", settings)
	// A new value of the secret is accepted before it is sent.
	distribution.CloudFront.Node().AddDependency(balancer.Construct)
	zone := env.Config.Edge.HostedZoneID
	if zone != "" {
		web.NewAlias(stack, "OriginAlias", web.AliasProps{Domain: env.Config.Edge.OriginDomain, HostedZoneID: zone, LoadBalancer: balancer.ALB})
	}
	if zone != "" && env.Config.Edge.Domain != "" {
		web.NewAlias(stack, "ViewerAlias", web.AliasProps{Domain: env.Config.Edge.Domain, HostedZoneID: zone, Distribution: distribution.CloudFront})
	}
	return distribution
}

// distributionProps reaches the load balancer by HTTPS under the name on its
// certificate, or, where it has none, by HTTP under the name that AWS gave it.
func distributionProps(env environment.Environment, balancer *web.LoadBalancer, secret *web.OriginSecret) web.DistributionProps {
	props := web.DistributionProps{
		Name:                 env.Name,
		OriginDomain:         env.Config.Edge.OriginDomain,
		OriginSecret:         secret,
		OriginTimeoutSeconds: env.Config.Edge.OriginTimeoutSeconds,
		Countries:            env.Config.Edge.Countries,
		Domain:               env.Config.Edge.Domain,
		ViewerCertificateARN: env.Config.Edge.ViewerCertificateARN,
	}
	if !env.Config.Edge.HTTPSOrigin() {
		props.PlainOrigin = true
		props.OriginDomain = *balancer.ALB.LoadBalancerDnsName()
	}
	if env.Config.Edge.Ingress.Internal() {
		props.InternalOrigin = balancer.ALB
	}
	return props
}

func newShield(env environment.Environment, stack awscdk.Stack, balancer *web.LoadBalancer, distribution *web.Distribution) {
	props := web.ShieldProps{Name: env.Name, Distribution: distribution.CloudFront}
	if !env.Config.Edge.Ingress.Internal() {
		props.LoadBalancer = balancer.ALB
	}
	web.NewShield(stack, "Shield", props)
}

func viewerDomain(env environment.Environment, distribution *web.Distribution) string {
	if env.Config.Edge.Domain != "" {
		return env.Config.Edge.Domain
	}
	return *distribution.CloudFront.DistributionDomainName()
}
