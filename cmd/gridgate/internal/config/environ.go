package config

import (
	"regexp"
	"strings"
)

// configFileVariable names the configuration file, as --config does.
const configFileVariable = envPrefix + "CONFIG"

// Kubernetes gives every pod the addresses of the namespace's services as
// variables (GRIDGATE_SERVICE_HOST, GRIDGATE_PORT=tcp://10.0.0.7:3306 and so
// on for a service called gridgate): they are nobody's settings.
// https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
var (
	serviceHost = regexp.MustCompile(`_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$`)
	servicePort = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

func isServiceLink(name, value string) bool {
	return serviceHost.MatchString(name) || strings.HasSuffix(name, "_PORT") && servicePort.MatchString(value)
}
