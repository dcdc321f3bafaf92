package manifests

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// loadCompose reads a file as docker compose does.
func loadCompose(file string) (*types.Project, error) {
	return loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file}},
	})
}

// setting is a variable of a container; empty: there is none.
func setting(s types.ServiceConfig, name string) string {
	if value := s.Environment[name]; value != nil {
		return *value
	}
	return ""
}

// miscomposed tells what docker compose takes without a word and would not work, or
// would do more than it has to.
func miscomposed(p *types.Project) (faults []string) {
	say := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	for name, s := range p.Services {
		if !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			say("%s may gain privileges", name)
		}
		if !s.ReadOnly && name != "kafka" {
			say("%s may write everywhere", name)
		}
		if _, tag, tagged := strings.Cut(s.Image, ":"); !tagged || tag == "latest" {
			say("%s: the image %s has no tag", name, s.Image)
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				say("%s: port %s is open to other machines", name, port.Published)
			}
		}
		if s.Build != nil {
			dockerfile, err := os.ReadFile(filepath.Join(s.Build.Context, s.Build.Dockerfile))
			if err != nil || !strings.Contains(string(dockerfile), "AS "+s.Build.Target+"\n") {
				say("%s: the Dockerfile has no target %q (%v)", name, s.Build.Target, err)
			}
		}
		for _, secret := range s.Secrets {
			if _, err := os.Stat(p.Secrets[secret.Source].File); err != nil {
				say("%s: the secret %s: %v", name, secret.Source, err)
			}
		}
	}

	service, kafka := p.Services["service"], p.Services["kafka"]
	if service.StopGracePeriod == nil || time.Duration(*service.StopGracePeriod) < (shutdownGrace+10)*time.Second {
		say("stop_grace_period leaves less than 10 s beyond SHUTDOWN_GRACE")
	}
	if path := setting(service, "GENESYS_CLIENT_SECRET_FILE"); !slices.ContainsFunc(service.Secrets, func(s types.ServiceSecretConfig) bool {
		return path == "/run/secrets/"+s.Source
	}) {
		say("no secret is mounted at %s", path)
	}
	if kafka.HealthCheck == nil || service.DependsOn["kafka"].Condition != types.ServiceConditionHealthy {
		say("the service does not wait for a healthy broker")
	}
	return append(faults, mislistened(setting(service, "KAFKA_BROKERS"), kafka)...)
}

// mislistened tells where the listeners of a broker do not fit together, or not with where
// its client looks for it. The image would start, and stop or be unreachable.
func mislistened(brokers string, kafka types.ServiceConfig) (faults []string) {
	say := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	list := func(name string) []string { return strings.Split(setting(kafka, name), ",") }
	protocols := map[string]bool{}
	for _, entry := range list("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP") {
		name, _, _ := strings.Cut(entry, ":")
		protocols[name] = true
	}
	ports := map[string]string{} // by listener
	for _, entry := range list("KAFKA_LISTENERS") {
		name, address, _ := strings.Cut(entry, "://")
		ports[name] = address[strings.LastIndex(address, ":")+1:]
		if !protocols[name] {
			say("kafka: the listener %q has no protocol", name)
		}
	}
	for _, name := range []string{setting(kafka, "KAFKA_CONTROLLER_LISTENER_NAMES"), setting(kafka, "KAFKA_INTER_BROKER_LISTENER_NAME")} {
		if ports[name] == "" {
			say("kafka: there is no listener %q", name)
		}
	}
	advertised := map[string]bool{}
	for _, entry := range list("KAFKA_ADVERTISED_LISTENERS") {
		name, address, _ := strings.Cut(entry, "://")
		advertised[address] = true
		host, port, _ := strings.Cut(address, ":")
		switch {
		case ports[name] == "" || name == setting(kafka, "KAFKA_CONTROLLER_LISTENER_NAMES"):
			say("kafka: %q is advertised, but no listener for clients", name)
		case port != ports[name] || host != kafka.Name:
			say("kafka: %s is advertised, but the listener is at %s:%s", address, kafka.Name, ports[name])
		}
	}
	if !advertised[brokers] {
		say("the service looks for Kafka at %s, where no listener is advertised", brokers)
	}
	voter := setting(kafka, "KAFKA_NODE_ID") + "@" + kafka.Name + ":" + ports[setting(kafka, "KAFKA_CONTROLLER_LISTENER_NAMES")]
	if got := setting(kafka, "KAFKA_CONTROLLER_QUORUM_VOTERS"); got != voter {
		say("kafka: the voter is %s, want %s", got, voter)
	}
	return faults
}
