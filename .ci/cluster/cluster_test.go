// Package cluster applies deploy/kubernetes to a real API server, as its users do, and so
// finds what only the server's own rules refuse. The server is told to be strict, and what
// it only warns of is an error. It has no controllers: nothing makes a pod of a StatefulSet,
// so each test makes it, and the server lets it in or does not.
//
// "make test-cluster" runs it, with the programs that assemble has built.
package cluster

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cluster is an API server and its store, on ports of the loopback interface.
type cluster struct {
	programs string // the folder of kube-apiserver, etcd and kubectl
	folder   string // what they write
	address  string
	token    string // of an administrator
}

// newCluster starts a cluster for one test, and returns once it is ready.
func newCluster(t *testing.T) cluster {
	c := cluster{programs: os.Getenv("KUBERNETES"), folder: t.TempDir(), address: free(t), token: rand.Text()}
	if c.programs == "" {
		t.Fatal("KUBERNETES is not set: run make test-cluster")
	}
	// A thread that starts a process must outlive it: see start.
	runtime.LockOSThread()
	etcd := "http://" + free(t)
	c.start(t, "etcd", "--data-dir=etcd", "--listen-client-urls="+etcd, "--advertise-client-urls="+etcd, "--listen-peer-urls=http://127.0.0.1:0", "--unsafe-no-fsync")
	key, tokens := filepath.Join(c.folder, "tls", "apiserver.key"), filepath.Join(c.folder, "tokens")
	must(t, os.WriteFile(tokens, []byte(c.token+",admin,admin,system:masters\n"), 0o600))
	c.start(t, "kube-apiserver", "--etcd-servers="+etcd, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none", "--secure-port="+strings.TrimPrefix(c.address, "127.0.0.1:"),
		"--cert-dir=tls", "--token-auth-file="+tokens, "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://localhost", "--service-account-signing-key-file="+key, "--service-account-key-file="+key)

	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if _, err := c.kubectl(t, "", "get", "--raw", "/readyz"); err == nil {
			return c
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// free is an address that nothing listens at.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// start runs a program until the test ends, or the thread that started it: a test that is
// killed leaves nothing behind.
func (c cluster) start(t *testing.T, program string, arguments ...string) {
	log, err := os.Create(filepath.Join(c.folder, program+".log"))
	must(t, err)
	defer log.Close()
	command := exec.CommandContext(t.Context(), filepath.Join(c.programs, program), arguments...)
	command.Dir, command.Env, command.Stdout, command.Stderr = c.folder, []string{"HOME=" + c.folder}, log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, command.Start())
	t.Cleanup(func() {
		_ = command.Wait()
		if text, err := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("%s (%v):\n%s", program, err, text[max(0, len(text)-2000):])
		}
	})
}

// kubectl runs a command of an administrator. What the server warns of is an error.
func (c cluster) kubectl(t *testing.T, input string, arguments ...string) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(c.programs, "kubectl"), append([]string{"--server=https://" + c.address, "--token=" + c.token,
		"--certificate-authority=" + filepath.Join(c.folder, "tls", "apiserver.crt"), "--warnings-as-errors"}, arguments...)...)
	command.Dir, command.Env, command.Stdin = c.folder, []string{"HOME=" + c.folder}, strings.NewReader(input)
	out, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("kubectl %q: %w\n%s", arguments, err, out)
	}
	return out, err
}

// apply does to a form what its user does, in a namespace of its own.
func (c cluster) apply(t *testing.T, form form) error {
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS("../../deploy/kubernetes")))
	must(t, os.WriteFile(filepath.Join(folder, "example", "client-secret"), []byte("a secret\n"), 0o600))
	for _, edit := range append(form.edits, edit{"example/kustomization.yaml", "namespace: genesys-producer", "namespace: " + form.namespace}) {
		file := filepath.Join(folder, edit.file)
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), edit.old) {
			t.Fatalf("%s has no %q (%v)", edit.file, edit.old, err)
		}
		must(t, os.WriteFile(file, []byte(strings.Replace(string(text), edit.old, edit.with, 1)), 0o600))
	}
	if form.folder != "example" { // which has its own
		namespace := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": %q, "labels": {
			"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}}}`, form.namespace)
		_, err := c.kubectl(t, namespace, "apply", "-f", "-")
		must(t, err)
	}
	_, err := c.kubectl(t, "", "apply", "--validate=strict", "--namespace="+form.namespace, "-k", filepath.Join(folder, form.folder))
	return err
}

// run makes the pod of the one workload in a namespace, as the controller would. The workload
// must be as it was when it was applied first: another generation would start the pod anew.
func (c cluster) run(t *testing.T, namespace string) error {
	out, err := c.kubectl(t, "", "get", "statefulsets,deployments", "--namespace="+namespace, "-o", "json")
	var found struct {
		Items []struct {
			Metadata struct{ Generation int }
			Spec     struct {
				Template             struct{ Metadata, Spec map[string]any }
				VolumeClaimTemplates []struct{ Metadata struct{ Name string } }
			}
		}
	}
	if err != nil || json.Unmarshal(out, &found) != nil || len(found.Items) != 1 || found.Items[0].Metadata.Generation != 1 {
		t.Fatalf("%s: want one workload, of generation 1: %v %s", namespace, err, out)
	}
	spec := found.Items[0].Spec
	spec.Template.Metadata["name"] = "genesys-producer-0"
	for _, claim := range spec.VolumeClaimTemplates {
		volumes, _ := spec.Template.Spec["volumes"].([]any)
		spec.Template.Spec["volumes"] = append(volumes, map[string]any{"name": claim.Metadata.Name, "persistentVolumeClaim": map[string]any{"claimName": claim.Metadata.Name}})
	}
	pod, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": spec.Template.Metadata, "spec": spec.Template.Spec})
	must(t, err)
	_, err = c.kubectl(t, string(pod), "create", "--validate=strict", "--namespace="+namespace, "-f", "-")
	return err
}

// command makes the pod of a command of the service's pod in a namespace, as the runbook says.
func (c cluster) command(t *testing.T, namespace string) error {
	pods, err := c.kubectl(t, "", "get", "pods", "--namespace="+namespace, "--selector=app.kubernetes.io/name=genesys-producer", "-o", "json")
	must(t, err)
	jq := exec.CommandContext(t.Context(), "jq", "-f", "../../deploy/kubernetes/command.jq", "--args", "--", "checkpoint", "rewind", "--to", "2026-03-01T00:00:00Z", "--yes")
	jq.Stdin = strings.NewReader(string(pods))
	pod, err := jq.Output()
	must(t, err)
	_, err = c.kubectl(t, string(pod), "apply", "--validate=strict", "-f", "-")
	return err
}

// form is a folder of the manifests, edited, and the namespace that it is applied in.
type form struct {
	namespace, folder string
	edits             []edit
}

type edit struct{ file, old, with string }

func TestTheServerTakesTheManifests(t *testing.T) {
	c := newCluster(t)
	other := edit{"example/kustomization.yaml", "- ../base", "- ../overlays/without-volume"}
	for _, form := range []form{
		{"base", "base", nil}, {"without-volume", "overlays/without-volume", nil},
		{"genesys-producer", "example", nil}, {"other-example", "example", []edit{other}},
	} {
		must(t, c.apply(t, form))
		must(t, c.apply(t, form)) // which has nothing to do
		must(t, c.run(t, form.namespace))
		must(t, c.command(t, form.namespace))
	}

	refused := func(want string, err error) {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	// It is shown what it is there to refuse: when that is applied, and if it then but warns, when
	// the pod is made; the namespace is the test's or the example's.
	const pod, warning, refusal = "base/statefulset.yaml", `Warning: would violate PodSecurity "restricted`, `forbidden: violates PodSecurity "restricted`
	for _, test := range []struct {
		form       form
		apply, run string
	}{
		{form{"field", "base", []edit{{pod, "replicas: 1", "replica: 1"}}}, `unknown field "spec.replica"`, ""},
		{form{"value", "base", []edit{{pod, "OnRootMismatch", "OnMismatch"}}}, `fsGroupChangePolicy: Unsupported value: "OnMismatch"`, ""},
		{form{"root", "base", []edit{{pod, "runAsUser: 65532", "runAsUser: 0"}}}, warning, refusal},
		{form{"root-example", "example", []edit{other, {pod, "runAsUser: 65532", "runAsUser: 0"}}}, warning, refusal},
	} {
		refused(test.apply, c.apply(t, test.form))
		if test.run != "" {
			refused(test.run, c.run(t, test.form.namespace))
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
