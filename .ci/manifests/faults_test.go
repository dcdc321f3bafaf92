package manifests

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each check is shown a fault that it is there to find. Most of these are taken by
// kubectl apply and by docker compose up without a word.
func TestSeededFaults(t *testing.T) {
	const pod, patch = "base/statefulset.yaml", "overlays/without-volume/deployment.yaml"
	for _, test := range []struct{ name, rendering, file, old, with, want string }{
		{"unknown field", "base", pod, "replicas: 1", "replica: 1", `unknown field "spec.replica"`},
		{"wrong type", "base", pod, "replicas: 1", "replicas: one", "spec.replicas"},
		{"bad quantity", "base", pod, "memory: 256Mi", "memory: 256Mo", "quantities"},
		{"field of kustomize", "base", "base/kustomization.yaml", "images:", "pictures:", "pictures"},
		{"two pods", "base", pod, "replicas: 1", "replicas: 2", "replicas is not 1"},
		{"two pods for a moment", "without volume", patch, "Recreate", "RollingUpdate", "two pods would run at once"},
		{"patch in the wrong place", "without volume", pod, "            - name: secrets\n              mountPath: /run/secrets/genesys-producer\n              readOnly: true\n", "", "volumeMounts"},
		{"positions that are deleted", "base", pod, "whenDeleted: Retain", "whenDeleted: Delete", "positions are deleted"},
		{"short grace", "base", pod, "terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 20", "SHUTDOWN_GRACE"},
		{"probe port", "base", pod, "port: http}\n            periodSeconds: 20", "port: web}\n            periodSeconds: 20", "liveness probe asks at the port web"},
		{"probe path", "base", pod, "path: /readyz", "path: /livez", "readiness probe asks for /livez"},
		{"port of the Service", "base", "base/service.yaml", "targetPort: http", "targetPort: web", "leads to the port web"},
		{"port of metrics", "base", pod, "- name: http", "- name: web", "does not find the metrics"},
		{"label of metrics", "base", "base/kustomization.yaml", "app.kubernetes.io/name: genesys-producer", "app.kubernetes.io/name: genesys", "does not find the metrics"},
		{"pods in order", "base", pod, "podManagementPolicy: Parallel", "podManagementPolicy: OrderedReady", "never replaced"},
		{"settings that are not there", "base", pod, "configMapRef:\n                name: genesys-producer", "configMapRef:\n                name: genesys-products", "ConfigMap genesys-products is not there"},
		{"secret that is not there", "example", pod, "secretName: genesys-producer", "secretName: genesys", "Secret genesys is not there"},
		{"account that is not there", "base", pod, "serviceAccountName: genesys-producer", "serviceAccountName: genesys", "ServiceAccount genesys is not there"},
		{"volume that is not there", "base", pod, "- name: checkpoints\n              mountPath", "- name: positions\n              mountPath", "volume positions is mounted, but not there"},
		{"service name", "base", pod, "serviceName: genesys-producer", "serviceName: genesys", "Service genesys is not there"},
		{"no tag", "base", "base/kustomization.yaml", "newTag: dev", "newTag: latest", "has no tag"},
		{"root", "base", pod, "runAsNonRoot: true", "runAsNonRoot: false", "Pod Security: runAsNonRoot != true"},
		{"capabilities", "without volume", pod, "drop: [ALL]", "drop: [NET_RAW]", "Pod Security: unrestricted capabilities"},
		{"seccomp", "base", pod, "type: RuntimeDefault", "type: Unconfined", "Pod Security: seccompProfile"},
		{"privileges", "base", pod, "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "Pod Security: allowPrivilegeEscalation"},
		{"writable root", "base", pod, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "not read-only"},
		{"token", "base", pod, "automountServiceAccountToken: false", "automountServiceAccountToken: true", "token of the cluster"},
		{"links", "base", pod, "enableServiceLinks: false", "enableServiceLinks: true", "links to services"},
		{"answers", "base", "base/kustomization.yaml", "=67108864", "=268435456", "an answer may take all of the memory"},
		{"memory", "base", pod, "230MiB", "330MiB", "GOMEMLIMIT is 330MiB"},
	} {
		folder := kubernetes(t)
		replace(t, filepath.Join(folder, test.file), test.old, test.with)
		wantFault(t, test.name, inspect(renderings(t, folder)[test.rendering]), test.want)
	}
}

func TestSeededFaultsOfCompose(t *testing.T) {
	for _, test := range []struct{ name, old, with, want string }{
		{"unknown key", "read_only: true", "readonly: true", "readonly"},
		{"bad condition", "condition: service_healthy", "condition: service_well", "depends_on.kafka.condition value must be one of"},
		{"undefined service", "      simulator:\n        condition", "      api:\n        condition", "api"},
		{"undefined volume", "- positions:/checkpoints", "- position:/checkpoints", "position"},
		{"bad duration", "stop_grace_period: 45s", "stop_grace_period: 45 sec", "stop_grace_period"},
		{"bad port", "127.0.0.1:8080:8080", "127.0.0.1:8080:808080", "808080"},
		{"open port", "127.0.0.1:8080:8080", "8080:8080", "open to other machines"},
		{"short grace", "stop_grace_period: 45s", "stop_grace_period: 10s", "SHUTDOWN_GRACE"},
		{"writable root", "read_only: true", "read_only: false", "may write everywhere"},
		{"capabilities", "cap_drop: [ALL]", "cap_drop: [NET_RAW]", "may gain privileges"},
		{"target", "target: simulator", "target: simulation", `no target "simulation"`},
		{"secret's file", "file: simulator-secret", "file: secret", "no such file"},
		{"secret's place", "/run/secrets/genesys-client", "/run/secrets/genesys", "no secret is mounted at"},
		{"does not wait", "condition: service_healthy", "condition: service_started", "does not wait"},
		{"listener without a protocol", "BROKER:PLAINTEXT,", "BROKERS:PLAINTEXT,", `listener "BROKER" has no protocol`},
		{"advertised elsewhere", "BROKER://kafka:9092", "BROKER://localhost:9092", "localhost:9092 is advertised"},
		{"no controller", "KAFKA_CONTROLLER_LISTENER_NAMES: CONTROLLER", "KAFKA_CONTROLLER_LISTENER_NAME: CONTROLLER", `no listener ""`},
		{"voter", "1@kafka:9093", "1@kafka:9094", "the voter is"},
		{"wrong broker", "KAFKA_BROKERS: kafka:9092", "KAFKA_BROKERS: kafka:9093", "looks for Kafka at kafka:9093"},
	} {
		folder := t.TempDir()
		if err := os.Mkdir(filepath.Join(folder, "deploy"), 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, "deploy", "compose.yaml")
		for to, from := range map[string]string{file: "../../deploy/compose.yaml", filepath.Join(folder, "deploy", "simulator-secret"): "../../deploy/simulator-secret", filepath.Join(folder, "Dockerfile"): "../../Dockerfile"} {
			text, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		replace(t, file, test.old, test.with)
		project, err := loadCompose(file)
		if err != nil {
			wantFault(t, test.name, []string{err.Error()}, test.want)
			continue
		}
		wantFault(t, test.name, miscomposed(project), test.want)
	}
}

func wantFault(t *testing.T, name string, faults []string, want string) {
	t.Helper()
	if !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, want) }) {
		t.Errorf("%s: found %q, want %q", name, faults, want)
	}
}
