package manifests

import (
	"bufio"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"k8s.io/apimachinery/pkg/runtime"
)

// program builds a command of the service's module, once.
func program(t *testing.T, name string) (path string) {
	t.Helper()
	folder, err := builds()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(folder, name)
	build := exec.Command("go", "build", "-o", path, "./cmd/"+name)
	build.Dir = "../.."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// builds is the folder of what was built; TestMain removes it.
var builds = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "manifests-") })

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, err := builds(); err == nil {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

// accepted runs "check" under the settings of a container. Nothing that they name can be
// reached, so it ends with 1, after its patience of 12 s; with 2 it would say that the settings are wrong.
func accepted(t *testing.T, name string, settings map[string]string) {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("a secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all := maps.Clone(settings)
	for variable, value := range map[string]string{
		"GENESYS_CLIENT_SECRET_FILE": secret, "KAFKA_BROKERS": "127.0.0.1:1", "CHECKPOINT_DIR": t.TempDir(),
		"GENESYS_API_URL": "http://127.0.0.1:1", "GENESYS_LOGIN_URL": "http://127.0.0.1:1",
	} {
		all[variable] = value
	}
	check := exec.CommandContext(t.Context(), program(t, "genesys-producer"), "check")
	for variable, value := range all {
		check.Env = append(check.Env, variable+"="+value)
	}
	out, err := check.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		t.Errorf("%s: check ends with %v, want exit status 1\n%s", name, err, out)
	}
}

// variables are those that the service knows, by its help.
func variables(t *testing.T) (names []string) {
	t.Helper()
	out, err := exec.Command(program(t, "genesys-producer"), "help").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`(?m)^([A-Z]+(?:_[A-Z]+)+)  `).FindAllSubmatch(out, -1) {
		names = append(names, string(found[1]))
	}
	if len(names) < 40 {
		t.Fatalf("help tells of %d variables", len(names))
	}
	return names
}

func TestTheServiceTakesTheSettingsOfKubernetes(t *testing.T) {
	known := append(variables(t), "GOMEMLIMIT") // that one is the Go runtime's
	eachWorkload(t, func(name string, w workload, objects []runtime.Object) {
		settings := w.environment(objects)
		for variable := range settings {
			if !slices.Contains(known, variable) {
				t.Errorf("%s: %s is none of the service's variables", name, variable)
			}
		}
		if strings.HasPrefix(name, "example") {
			t.Run(name, func(t *testing.T) { t.Parallel(); accepted(t, name, settings) })
		}
	})
}

func TestTheServiceTakesTheSettingsOfCompose(t *testing.T) {
	t.Parallel()
	project, err := loadCompose("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	known := variables(t)
	for variable := range project.Services["service"].Environment {
		if !slices.Contains(known, variable) {
			t.Errorf("%s is none of the service's variables", variable)
		}
	}
	accepted(t, "compose", environment(project.Services["service"]))
}

func environment(s types.ServiceConfig) map[string]string {
	all := map[string]string{}
	for name := range s.Environment {
		all[name] = setting(s, name)
	}
	return all
}

// The queues of compose.yaml are those that its simulator has.
func TestTheQueuesOfComposeAreTheSimulators(t *testing.T) {
	project, err := loadCompose("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	simulator := exec.CommandContext(t.Context(), program(t, "sandbox"), "--simulator", "127.0.0.1:0")
	out, err := simulator.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := simulator.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	_ = simulator.Process.Kill()
	_ = simulator.Wait()
	if queues := setting(project.Services["service"], "GENESYS_QUEUES"); err != nil || !strings.HasSuffix(line, " queues "+queues+"\n") {
		t.Errorf("it says %q (%v), compose.yaml names %s", line, err, queues)
	}
}
