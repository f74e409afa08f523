package awsapi

import (
	"strings"
	"sync"

	"aws-secrets-manager-connector/internal/smclient"
)

// A secret that is called by its ARN is called in the region that the ARN names,
// if that is one of the same partition: other partitions know other keys. What
// serves a custom endpoint is asked for all secrets.

// regionalClient is the client of a step.
type regionalClient struct {
	*smclient.Client // of the region in the credentials
	*regions
}

// regions makes clients for other regions than that in the credentials.
type regions struct {
	cfg  Config
	opts Options

	mu     sync.Mutex
	others map[string]*smclient.Client
}

// maxRegions bounds what is kept for regions in ARNs, which a message may make up.
const maxRegions = 64

// newRegionalClient returns a client for credentials that are valid.
func newRegionalClient(own *smclient.Client, cfg Config, opts Options) *regionalClient {
	r := &regions{cfg: cfg, opts: opts, others: map[string]*smclient.Client{}}
	if cfg.Endpoint == "" {
		own.Route = func(secretID string) *smclient.Client {
			if region := r.Region(secretID); region != cfg.Region {
				return r.client(region, own)
			}
			return own
		}
	}
	return &regionalClient{own, r}
}

// Region returns the region in which a secret is called.
func (r *regions) Region(secretID string) string {
	if region, partition := secretRegion(secretID); r.cfg.Endpoint == "" && region != "" &&
		partition == partitionOf(region) && partition == partitionOf(r.cfg.Region) {
		return region
	}
	return r.cfg.Region
}

// client returns that of a region, or otherwise where there can be none.
func (r *regions) client(region string, otherwise *smclient.Client) *smclient.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	if client, ok := r.others[region]; ok {
		return client
	}
	cfg := r.cfg
	cfg.Region, cfg.FailoverRegion = region, ""
	client, _, err := newClient(cfg, r.opts)
	if err != nil {
		return otherwise
	}
	for other := range r.others {
		if len(r.others) < maxRegions {
			break
		}
		delete(r.others, other)
	}
	r.others[region] = client
	return client
}

// secretRegion returns region and partition of a secret's ARN, "" of anything else.
func secretRegion(secretID string) (at, partition string) {
	arn := strings.SplitN(secretID, ":", 7)
	if len(arn) < 7 || arn[0] != "arn" || arn[2] != "secretsmanager" || !region.MatchString(arn[3]) {
		return "", ""
	}
	return arn[3], arn[1]
}

// partitionOf returns the part of AWS that a region is in, which has accounts and
// keys of its own.
func partitionOf(region string) string {
	for _, p := range [...]struct{ prefix, partition string }{
		{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"eusc-", "aws-eusc"},
		{"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"}, {"us-isof-", "aws-iso-f"}, {"eu-isoe-", "aws-iso-e"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.partition
		}
	}
	return "aws"
}
