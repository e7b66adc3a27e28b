package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/network"
	"catalog-infra/constructs/storage"
	"catalog-infra/constructs/waf"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
	"catalog-infra/stacks/monitoring"
)

// Compute is the stack of the service, its load balancer, web ACL and CloudFront
// distribution.
type Compute struct {
	awscdk.Stack

	Service      *web.Service
	LoadBalancer *web.LoadBalancer
	Repository   awsecr.IRepository

	// DeploymentAlarm makes ECS roll a deployment back.
	DeploymentAlarm awscloudwatch.CfnAlarm

	// Logs is the application's log group.
	Logs awslogs.ILogGroup

	// WebACL and WebACLLogs are nil if edge.waf.mode is off.
	WebACL     *waf.WebACL
	WebACLLogs awslogs.ILogGroup

	env environment.Environment
	key awskms.IKey

	secret *web.OriginSecret

	// tasks is the security group of the tasks.
	tasks awsec2.ISecurityGroup
}

func newCompute(env environment.Environment, app *App) *Compute {
	stack := env.NewStack("compute", "Image repository, service, load balancer, web ACL and CloudFront of the Product Catalog API")
	c := &Compute{Stack: stack, env: env, key: env.NewKey(stack, storage.KeyProps{
		Description: "Images, logs and origin header of " + env.Name, Disposable: env.Disposable,
	})}
	c.Repository = web.NewRepository(stack, "Repository", web.RepositoryProps{
		Name: env.Name, Key: c.key, Disposable: env.Disposable, PullAccounts: env.Config.Service.PullAccounts,
	}).ECR
	c.Logs = env.NewLogGroup(stack, "Logs", env.LogGroupName(), c.key)
	c.addService(app)
	// CloudFront sends the secret even where nothing checks it, so that the load
	// balancer can ask for it from one moment to the next.
	c.secret = web.NewOriginSecret(stack, "OriginSecret", web.OriginSecretProps{
		Version: env.Config.Edge.OriginHeaderVersion, SentOnly: env.Config.Edge.Ingress.AnyViewer(), Key: c.key,
	})
	c.LoadBalancer = c.newLoadBalancer(app)
	c.LoadBalancer.Listener.Node().DefaultChild().(awscdk.CfnResource).
		AddResourceDependency(app.SecurityGroups.admitViewers(stack, env), nil)
	// The log group is there without a web ACL, too, so that turning that off deletes
	// no log.
	logs := env.NewLogGroup(stack, "FirewallLogs", waf.LogPrefix+env.Name, c.key)
	if env.Config.Edge.WAF.Mode != config.WAFOff {
		c.WebACLLogs = logs
		c.addWebACL()
	}
	c.Service.Scale(web.ScalingProps{
		MinTasks:          env.Config.Service.MinTasks,
		MaxTasks:          env.Config.Service.MaxTasks,
		CPUTargetPercent:  env.Config.Service.CPUTargetPercent,
		RequestsPerTarget: env.Config.Service.RequestsPerTarget,
		LoadBalancer:      c.LoadBalancer,
	})
	c.addEdge(app.Data.EdgeLogBucket)
	environment.Output(stack, "RepositoryURI", "Repository that images are pushed to", c.Repository.RepositoryUri())
	environment.Output(stack, "ClusterName", "ECS cluster", c.Service.Fargate.Cluster().ClusterName())
	environment.Output(stack, "ServiceName", "ECS service", c.Service.Fargate.ServiceName())
	c.DeploymentAlarm = monitoring.NewDeploymentAlarm(env, stack, c.LoadBalancer)
	c.Service.Release(c.release())
	return c
}

// group returns a security group to which CDK adds no rule.
func (c *Compute) group(id string, of awsec2.SecurityGroup) awsec2.ISecurityGroup {
	return awsec2.SecurityGroup_FromSecurityGroupId(c.Stack, &id, of.SecurityGroupId(), &awsec2.SecurityGroupImportOptions{
		Mutable: jsii.Bool(false),
	})
}

func (c *Compute) newLoadBalancer(app *App) *web.LoadBalancer {
	ingress := c.env.Config.Edge.Ingress
	subnets := network.Public()
	if ingress.Internal() {
		subnets = network.Private()
	}
	return web.NewLoadBalancer(c.Stack, "Ingress", web.LoadBalancerProps{
		Vpc:     app.Network.VPC,
		Subnets: subnets,
		SecurityGroups: []awsec2.ISecurityGroup{
			c.group("LoadBalancerGroup", app.SecurityGroups.LoadBalancer),
			c.group("LoadBalancerHTTPSGroup", app.SecurityGroups.LoadBalancerHTTPS),
		},
		InternetFacing: !ingress.Internal(),
		AccessLogs:     app.Data.LogBucket,
		CertificateARN: c.originCertificate(),
		CertificateID:  c.originCertificateID(),
		Service:        c.Service,
		OriginSecret:   c.secret,
		AnyViewer:      ingress.AnyViewer(),

		AlternateTargetGroup: c.env.Config.Service.Release.AlternateTargetGroup,

		IdleSeconds:     c.env.Config.Edge.IdleSeconds,
		HealthCheckPath: c.env.Config.Service.HealthCheckPath,
		AllowDeletion:   !c.env.Protected,
	})
}

// release returns how ECS replaces the tasks. Where there is an alternate target group
// it names rolling, too: without a strategy ECS may keep the one before.
func (c *Compute) release() web.ReleaseProps {
	settings := c.env.Config.Service.Release
	props := web.ReleaseProps{
		Alarm: c.DeploymentAlarm, StepPercent: settings.StepPercent,
		StepBakeMinutes: settings.StepBakeMinutes, BakeMinutes: settings.BakeMinutes,
	}
	if settings.AlternateTargetGroup {
		props.Strategy = awsecs.DeploymentStrategy(settings.Strategy.ECS())
	}
	return props
}

// originCertificate returns the ARN of the load balancer's certificate. It is
// empty if there is none.
func (c *Compute) originCertificate() string {
	edge := c.env.Config.Edge
	if edge.HostedZoneID == "" {
		return edge.OriginCertificateARN
	}
	return web.NewCertificate(c.Stack, "OriginCertificate"+c.originCertificateID(), web.CertificateProps{
		Domain: edge.OriginDomain, HostedZoneID: edge.HostedZoneID,
	}).ARN
}

// originCertificateID returns an ID for each domain and certificate of the load balancer.
func (c *Compute) originCertificateID() string {
	edge := c.env.Config.Edge
	return hash([]string{edge.OriginDomain, edge.OriginCertificateARN, edge.HostedZoneID})
}

func (c *Compute) addWebACL() {
	settings := c.env.Config.Edge.WAF
	c.WebACL = waf.NewWebACL(c.Stack, "Firewall", waf.WebACLProps{
		Name:         c.env.Name,
		LoadBalancer: c.LoadBalancer.ALB,
		Listener:     c.LoadBalancer.Listener,
		LogGroup:     c.WebACLLogs,
		OriginSecret: c.secret,
		CountAll:     settings.Mode == config.WAFCount,
		CountOnly:    slices.Sorted(maps.Keys(settings.CountOnly.Reasons())),
		CountParts:   settings.GroupRules(),
		ExemptPaths:  settings.ExemptPaths.Paths(),
		RateLimit:    settings.RateLimit,
	})
}

// addEdge defines the distribution, its domain names if there is a hosted zone,
// Shield Advanced and the health check of the probe.
func (c *Compute) addEdge(accessLogs awss3.IBucket) {
	edge := c.env.Config.Edge
	distribution := web.NewDistribution(c.Stack, "Edge", c.distributionProps(accessLogs))
	// The load balancer and the web ACL accept a new origin header before
	// CloudFront sends it.
	distribution.CloudFront.Node().AddDependency(c.LoadBalancer.Construct)
	if c.WebACL != nil {
		distribution.CloudFront.Node().AddDependency(c.WebACL.Construct)
	}
	if edge.HostedZoneID != "" {
		origin := web.NewAlias(c.Stack, "OriginAlias", web.AliasProps{
			Domain: edge.OriginDomain, HostedZoneID: edge.HostedZoneID, LoadBalancer: c.LoadBalancer.ALB,
		})
		distribution.CloudFront.Node().AddDependency(origin.Records[0])
	}
	viewers := edge.Domain
	if viewers == "" {
		viewers = *distribution.CloudFront.DistributionDomainName()
	} else if edge.HostedZoneID != "" {
		web.NewAlias(c.Stack, "ViewerAlias", web.AliasProps{
			Domain: edge.Domain, HostedZoneID: edge.HostedZoneID, Distribution: distribution.CloudFront,
		})
	}
	if edge.ShieldAdvanced {
		c.newShield(distribution)
	}
	if c.env.Config.Alarms.Probe {
		web.NewHealthCheck(c.Stack, "Probe", web.HealthCheckProps{Domain: viewers, Path: c.env.Config.Service.HealthCheckPath})
	}
	environment.Output(c.Stack, "ViewerURL", "URL of the API for viewers", jsii.Sprintf("https://%s", viewers))
}

// distributionProps returns the settings of the distribution. It connects to the
// load balancer by HTTPS and the name on its certificate or, without a
// certificate, by HTTP and the name that AWS gave it.
func (c *Compute) distributionProps(accessLogs awss3.IBucket) web.DistributionProps {
	edge := c.env.Config.Edge
	props := web.DistributionProps{
		Name:                 c.env.Name,
		OriginDomain:         edge.OriginDomain,
		OriginSecret:         c.secret,
		OriginTimeoutSeconds: edge.OriginTimeoutSeconds,
		Countries:            edge.Countries,
		Domain:               edge.Domain,
		ViewerCertificateARN: edge.ViewerCertificateARN,
	}
	if edge.AccessLogs {
		props.AccessLogs = accessLogs
	}
	if !edge.HTTPSOrigin() {
		props.PlainOrigin = true
		props.OriginDomain = *c.LoadBalancer.ALB.LoadBalancerDnsName()
	}
	if edge.Ingress.Internal() {
		props.InternalOrigin = c.LoadBalancer.ALB
	}
	return props
}

func (c *Compute) newShield(distribution *web.Distribution) {
	props := web.ShieldProps{Name: c.env.Name, Distribution: distribution.CloudFront}
	if !c.env.Config.Edge.Ingress.Internal() {
		props.LoadBalancer = c.LoadBalancer.ALB
	}
	web.NewShield(c.Stack, "Shield", props)
}
