package manifests

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What compose.yaml brings up works together: the broker that Kafka's own image makes of its
// settings, the simulator, and the service, under the names that they have there.
// There is no docker in this: they are processes in a network of their own.
func TestComposeWorksTogether(t *testing.T) {
	t.Parallel()
	const kafka = "../../deploy/kafka/run/lib"
	if _, err := os.Stat(filepath.Join(kafka, ".assembled")); err != nil || os.Getuid() != 0 {
		t.Skip("needs root, and Kafka: deploy/kafka/kafka.sh assemble")
	}
	project, err := loadCompose("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name string, lines ...string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"service", "kafka"} {
		lines := []string{"PATH=" + os.Getenv("PATH")}
		for variable, value := range environment(project.Services[name]) {
			switch variable {
			case "KAFKA_LOG_DIRS":
				value = filepath.Join(folder, "messages") // a volume there
			case "GENESYS_CLIENT_SECRET_FILE":
				write("secret", "secret")
				value = filepath.Join(folder, "secret")
			}
			lines = append(lines, variable+"="+value)
		}
		write(name+".env", append(lines, "CHECKPOINT_DIR="+filepath.Join(folder, "positions"))...)
	}
	write("hosts", "127.0.0.1 localhost kafka simulator")
	lib, err := filepath.Abs(kafka)
	if err != nil {
		t.Fatal(err)
	}
	together := exec.CommandContext(t.Context(), "unshare", "--net", "--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
		"./together", folder, lib, program(t, "genesys-producer"), program(t, "sandbox"))
	out, err := together.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
