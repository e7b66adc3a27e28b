package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func TestRangesThatWouldFillUpAreRefused(t *testing.T) {
	endpoints := strings.Join(config.Endpoints, ", ")
	refused{
		"endpoints in the smallest range": {
			"network:\n  cidr: 10.0.0.0/24\n  interfaceEndpoints: [" + endpoints + "]\n",
			`:2: network.cidr: got "10.0.0.0/24", want /23 or wider: a private subnet of a /24 has 32 addresses, and 40 are needed ` +
				`(5 that AWS keeps, 10 for twice service.maxTasks in 2 zones, 1 for the rotation function, 24 for network.interfaceEndpoints)`,
		},
		"all at once": {
			"service: {maxTasks: 100}\nedge: {ingress: vpc-origin}\nnetwork: {cidr: 10.0.0.0/23, zones: [a, b, c], interfaceEndpoints: [" + endpoints + "]}\n",
			`:3: network.cidr: got "10.0.0.0/23", want /22 or wider: a private subnet of a /23 has 64 addresses, and 106 are needed ` +
				`(5 that AWS keeps, 67 for twice service.maxTasks in 3 zones, 1 for the rotation function, 24 for network.interfaceEndpoints, 8 for the load balancer, 1 for CloudFront)`,
		},
	}.run(t)
}

// What is counted is what fits: with one task more than the message allows, the
// next wider range is asked for.
func TestARangeHoldsWhatIsCounted(t *testing.T) {
	for cidr, tasks := range map[string]int{"10.0.0.0/24": 26, "10.0.0.0/23": 58, "10.0.0.0/22": 100} {
		content := "network: {cidr: " + cidr + "}\nservice: {maxTasks: %d}\n"
		_, _, err := files{"dev": fmt.Sprintf(content, tasks)}.load("dev", "")
		require.NoError(t, err, cidr)
		if tasks < 100 {
			_, _, err = files{"dev": fmt.Sprintf(content, tasks+1)}.load("dev", "")
			require.ErrorContains(t, err, "addresses, and", cidr)
		}
	}
}
