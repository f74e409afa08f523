package awsapi

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"

	"aws-secrets-manager-connector/internal/component"
)

// endpointProblem says what is wrong with a custom endpoint, "" if nothing. It
// repeats nothing of it, for a secret may have been pasted there.
func endpointProblem(endpoint string, allowInsecure bool) string {
	if endpoint == "" {
		return ""
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil:
		return "endpoint must be a URL such as https://host:port" + component.Given(endpoint)
	case u.User != nil:
		return "endpoint must not contain a user or password"
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return "endpoint must start with https:// and a host" + component.Given(endpoint)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "endpoint must end after host, port and path, without ? and #" + component.Given(endpoint)
	case allowInsecure:
		return ""
	case u.Scheme == "http":
		return "endpoint must be https, because plain http would show the secrets to the network " +
			"(the operator can allow it with ALLOW_INSECURE_ENDPOINT=true)"
	}
	if address, err := netip.ParseAddr(u.Hostname()); err == nil && isHostOnly(address) || strings.EqualFold(u.Hostname(), "localhost") {
		return "endpoint must not be a loopback, link-local or unspecified address " +
			"(the operator can allow it with ALLOW_INSECURE_ENDPOINT=true)"
	}
	return ""
}

// isHostOnly reports whether an address leads to the container itself or to what
// its host alone can reach, such as EC2's metadata: no flow's owner may have a
// request sent there. Private addresses are others, for VPC endpoints have them.
func isHostOnly(address netip.Addr) bool {
	address = address.Unmap()
	found := address.IsLoopback() || address.IsUnspecified() || address.IsLinkLocalUnicast() || address.IsMulticast() ||
		address == netip.AddrFrom4([4]byte{255, 255, 255, 255})
	for _, network := range [...]netip.Prefix{
		netip.PrefixFrom(netip.AddrFrom4([4]byte{}), 8),                                      // this host, RFC 1122
		netip.PrefixFrom(netip.AddrFrom16([16]byte{0: 0xfd, 1: 0x00, 2: 0x0e, 3: 0xc2}), 32), // EC2's metadata
	} {
		found = found || network.Contains(address.WithZone(""))
	}
	return found
}

var errHostOnly = errors.New("a loopback, link-local or unspecified address is refused")

// refuseHostOnly is for net.Dialer.Control, which sees the address that a name
// was resolved to.
func refuseHostOnly(_, address string, _ syscall.RawConn) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil || isHostOnly(resolved.Addr()) {
		return errHostOnly
	}
	return nil
}

// awsHost matches the names of Secrets Manager and STS themselves in all of AWS's
// partitions, interface endpoints of a VPC included. Below amazonaws.com there
// are customers' hosts as well.
var awsHost = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:sts\.amazonaws\.com|` +
		`(?:(?:secretsmanager|sts)(?:-fips)?\.[a-z]{2,5}(?:-[a-z]+){1,2}-[0-9]{1,2}|[a-z0-9-]+\.(?:secretsmanager|sts)(?:-fips)?\.[a-z]{2,5}(?:-[a-z]+){1,2}-[0-9]{1,2}\.vpce)\.(?:` +
		`amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn|api\.amazonwebservices\.eu|` +
		`c2s\.ic\.gov|api\.aws\.ic\.gov|sc2s\.sgov\.gov|api\.aws\.scloud|cloud\.adc-e\.uk|api\.cloud-aws\.adc-e\.uk|` +
		`csp\.hci\.ic\.gov|api\.aws\.hci\.ic\.gov))$`)
})

// isAWS reports whether a URL leads to AWS for certain.
func isAWS(u *url.URL) bool {
	return u.Scheme == "https" && awsHost().MatchString(strings.ToLower(u.Hostname()))
}

// servesSTS reports whether a custom endpoint is to be asked for roles as well.
// An emulator or a gateway serves all of AWS at one address; the VPC and FIPS
// endpoints of AWS serve Secrets Manager alone, which their names tell.
func servesSTS(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if endpoint == "" || err != nil {
		return false
	}
	for label := range strings.SplitSeq(strings.ToLower(u.Hostname()), ".") {
		if label == "secretsmanager" || label == "secretsmanager-fips" {
			return false
		}
	}
	return true
}

func (c Config) fips() aws.FIPSEndpointState {
	if c.FIPS {
		return aws.FIPSEndpointStateEnabled
	}
	return aws.FIPSEndpointStateUnset
}

func (c Config) dualStack() aws.DualStackEndpointState {
	if c.DualStack {
		return aws.DualStackEndpointStateEnabled
	}
	return aws.DualStackEndpointStateUnset
}
