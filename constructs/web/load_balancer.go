package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// The ports of a load balancer: HTTPS with a certificate, plain HTTP without.
const (
	HTTPPort  = 80
	HTTPSPort = 443
)

// accessLogPrefix is the prefix of guide 7.8. It must not contain "AWSLogs"
// (pitfall C1).
const accessLogPrefix = "alb-access-logs"

// LoadBalancerProps configures a LoadBalancer.
type LoadBalancerProps struct {
	// Vpc and Subnets say where the load balancer is, SecurityGroups who may reach it:
	// the listener adds no rule.
	Vpc            awsec2.IVpc             `required:"true"`
	Subnets        *awsec2.SubnetSelection `required:"true"`
	SecurityGroups []awsec2.ISecurityGroup `required:"true"`

	// InternetFacing gives the load balancer public addresses.
	InternetFacing bool

	// AccessLogs receives the access logs, in the folder alb-access-logs. It must be
	// encrypted with keys of S3.
	AccessLogs awss3.IBucket `required:"true"`

	// CertificateARN is an ACM certificate of the same region, for a listener by
	// HTTPS with TLS 1.2 or newer. If it is empty, the listener is plain HTTP.
	CertificateARN string

	// CertificateID is part of an ID, and differs for another certificate or domain.
	CertificateID string

	// Service receives the requests. ECS registers each task with its own port.
	Service *Service `required:"true"`

	// OriginSecret must be in OriginHeader of a request, else the answer is 403.
	// AnyViewer forwards all requests instead.
	OriginSecret *OriginSecret `required:"true"`
	AnyViewer    bool

	// AlternateTargetGroup defines a second target group, so that ECS can shift requests
	// between the tasks of two deployments. All requests are forwarded then: the rule that
	// ECS changes must depend on no setting. So something else must check the header.
	AlternateTargetGroup bool

	// IdleSeconds is how long it keeps an idle connection to a viewer or to a task.
	// CloudFront waits for 60 seconds at most.
	IdleSeconds int `required:"true"`

	// HealthCheckPath must answer 200.
	HealthCheckPath string `required:"true"`

	// AllowDeletion turns deletion protection off.
	AllowDeletion bool
}

// LoadBalancer is an application load balancer with one listener.
type LoadBalancer struct {
	// Construct is the scope of all of it, for dependencies.
	Construct constructs.Construct

	ALB      elbv2.ApplicationLoadBalancer
	Listener elbv2.ApplicationListener

	// TargetGroups has the target group of the tasks, and with AlternateTargetGroup the
	// alternate one.
	TargetGroups []elbv2.ApplicationTargetGroup

	// FullName and TargetGroupFullNames are their dimensions in CloudWatch. Every metric
	// has them, and asking CDK's process each time is slow.
	FullName             *string
	TargetGroupFullNames []*string
}

// NewLoadBalancer defines a LoadBalancer.
func NewLoadBalancer(scope constructs.Construct, id string, props LoadBalancerProps) *LoadBalancer {
	required.Check(id, props, required.If(props.CertificateARN != "" && props.CertificateID == "", "CertificateID"))
	this := constructs.NewConstruct(scope, &id)
	balancer := elbv2.NewApplicationLoadBalancer(this, jsii.String("LoadBalancer"), &elbv2.ApplicationLoadBalancerProps{
		Vpc:                     props.Vpc,
		VpcSubnets:              props.Subnets,
		SecurityGroup:           props.SecurityGroups[0],
		InternetFacing:          &props.InternetFacing,
		DropInvalidHeaderFields: jsii.Bool(true),
		DesyncMitigationMode:    elbv2.DesyncMitigationMode_DEFENSIVE,
		DeletionProtection:      jsii.Bool(!props.AllowDeletion),
		IdleTimeout:             seconds(props.IdleSeconds),
	})
	for _, group := range props.SecurityGroups[1:] {
		balancer.AddSecurityGroup(group)
	}
	balancer.LogAccessLogs(props.AccessLogs, jsii.String(accessLogPrefix))
	listener := newListener(balancer, props.CertificateARN)
	if props.CertificateARN != "" {
		keepCertificate(this, listener, props)
	}
	groups, names := newTargetGroups(this, props)
	connect(this, groups, forward(listener, groups, props), props.Service.Fargate)
	return &LoadBalancer{this, balancer, listener, groups, balancer.LoadBalancerFullName(), names}
}

// newListener defines a listener that is not open: by default CDK adds a rule for
// the whole internet to the security group's stack (pitfall B2). Its id contains the
// protocol: the listener of another protocol is created before CloudFront connects
// to it, and the old one is deleted after.
func newListener(balancer elbv2.ApplicationLoadBalancer, certificateARN string) elbv2.ApplicationListener {
	id, props := "ListenerHTTP", &elbv2.BaseApplicationListenerProps{
		Open:     jsii.Bool(false),
		Port:     jsii.Number(HTTPPort),
		Protocol: elbv2.ApplicationProtocol_HTTP,
	}
	if certificateARN != "" {
		id = "ListenerHTTPS"
		props.Port = jsii.Number(HTTPSPort)
		props.Protocol = elbv2.ApplicationProtocol_HTTPS
		props.SslPolicy = elbv2.SslPolicy_TLS13_RES
		props.Certificates = &[]elbv2.IListenerCertificate{elbv2.ListenerCertificate_FromArn(&certificateARN)}
	}
	return balancer.AddListener(&id, props)
}

// keepCertificate also puts the certificate into the listener's list. When the listener
// has another default certificate, the former stays in the list until CloudFront no
// longer asks for its domain.
func keepCertificate(scope constructs.Construct, listener elbv2.ApplicationListener, props LoadBalancerProps) {
	elbv2.NewApplicationListenerCertificate(scope, jsii.String("Certificate"+props.CertificateID), &elbv2.ApplicationListenerCertificateProps{
		Listener:     listener,
		Certificates: &[]elbv2.IListenerCertificate{elbv2.ListenerCertificate_FromArn(&props.CertificateARN)},
	})
}
