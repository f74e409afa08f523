package awsapi

import (
	"net"
	"net/url"
	"strings"
)

// endpointProblem says what is wrong with a custom endpoint, "" if nothing. It
// repeats nothing of it, for a secret may have been pasted there.
func endpointProblem(endpoint string, allowInsecure bool) string {
	if endpoint == "" {
		return ""
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return "endpoint must be a URL such as https://host:port"
	}
	if u.User != nil {
		return "endpoint must not contain a user or password"
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return "endpoint must start with https:// and a host"
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "endpoint must end after host, port and path, without ? and #"
	}
	if u.Scheme == "http" && !allowInsecure && !loopback(u.Hostname()) {
		return "endpoint must be https, because plain http would show the secrets to the network " +
			"(the operator can allow it with ALLOW_INSECURE_ENDPOINT=true)"
	}
	return ""
}

func loopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
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
