package test

import (
	"strings"
	"testing"

	"catalog-infra/internal/bill"
)

func TestTheBillCountsEveryTypeOfResource(t *testing.T) {
	unknown, notCounted := breaches{}, breaches{}
	everything := vpcOriginProd(t) // with Shield Advanced and unused access, which are not counted
	for _, env := range []*environment{reference(t, "dev"), reference(t, "staging"), reference(t, "prod"), shortLived(t, "dev"), everything} {
		for _, missing := range bill.Of(assemblyOf(t, env), bill.Assumptions{}, nil).NotCounted {
			switch {
			case strings.Contains(missing, "does not know"):
				unknown.add(env, missing)
			case env != everything:
				notCounted.add(env, missing)
			}
		}
	}
	unknown.fail(t, "give it a charge in internal/bill, or list it in free.go with AWS's page of prices")
	notCounted.fail(t, "the reference environments are counted as a whole")
}
