package rehearsal

import (
	"strings"

	"catalog-infra/internal/assembly"
)

// farCertificates refuses certificates that are in another region than what uses them:
// CloudFront takes them from us-east-1 only.
func farCertificates(d deployment) []Step {
	var steps []Step
	for _, found := range d.changes {
		if found.after == nil {
			continue
		}
		wanted, certificates := certificatesOf(d.after, *found.after)
		for _, certificate := range certificates {
			region := d.account.regionOf(d.after, certificate)
			if region != "" && region != wanted && !strings.HasPrefix(wanted, "unknown") {
				steps = append(steps, d.refuseOf(found, "its certificate is in %s, and must be in %s", region, wanted))
			}
		}
	}
	return steps
}

// certificatesOf returns the certificates that a resource uses, and the region in which
// they must be.
func certificatesOf(stack assembly.Stack, resource assembly.Resource) (region string, all []any) {
	switch resource.Type {
	case "AWS::CloudFront::Distribution":
		// https://github.com/aws/aws-cdk/issues/3464
		if arn := resource.Properties.At("DistributionConfig", "ViewerCertificate", "AcmCertificateArn"); arn != nil {
			all = append(all, arn)
		}
		return "us-east-1", all
	case "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerCertificate":
		for _, certificate := range resource.Properties.Objects("Certificates") {
			all = append(all, certificate["CertificateArn"])
		}
	}
	return stack.Region, all
}

// regionOf returns the region of a certificate; empty where it is not known.
func (a *account) regionOf(stack assembly.Stack, certificate any) string {
	if arn, ok := certificate.(string); ok {
		if parts := strings.Split(arn, ":"); len(parts) == 6 {
			return parts[3]
		}
		return ""
	}
	owner, found, ok := a.target(stack, certificate)
	if !ok || found.Type != "AWS::CertificateManager::Certificate" || strings.HasPrefix(owner.Region, "unknown") {
		return ""
	}
	return owner.Region
}
