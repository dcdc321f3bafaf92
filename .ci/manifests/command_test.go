package manifests

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// arguments are those of a command that needs the service stopped.
var arguments = []string{"checkpoint", "rewind", "--to", "2026-03-01T00:00:00Z", "--queue", "q", "--yes"}

// started is a pod of a workload, as the cluster has it.
func started(w workload) *core.Pod {
	pod := &core.Pod{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "Pod"}, ObjectMeta: *w.pod.ObjectMeta.DeepCopy(), Spec: *w.pod.Spec.DeepCopy()}
	pod.Name, pod.Namespace, pod.UID, pod.ResourceVersion = "genesys-producer-0", "n", "c0ffee", "7"
	pod.OwnerReferences = []meta.OwnerReference{{APIVersion: "apps/v1", Kind: "StatefulSet", Name: w.name, UID: "cafe"}}
	pod.Status.Phase = core.PodRunning
	pod.Spec.NodeName, pod.Spec.Hostname, pod.Spec.Subdomain, pod.Spec.RestartPolicy = "node-1", pod.Name, w.service, core.RestartPolicyAlways
	for _, claim := range w.claims {
		pod.Spec.Volumes = append(pod.Spec.Volumes, core.Volume{Name: claim, VolumeSource: core.VolumeSource{
			PersistentVolumeClaim: &core.PersistentVolumeClaimVolumeSource{ClaimName: claim + "-" + pod.Name},
		}})
	}
	return pod
}

// commandPod is what command.jq makes of an object; each test that asks for it is skipped
// where there is no jq.
func commandPod(t *testing.T, of any) *core.Pod {
	t.Helper()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	jq := exec.Command("jq", append([]string{"-f", "../../deploy/kubernetes/command.jq", "--args", "--"}, arguments...)...)
	jq.Stdin = bytes.NewReader(text)
	made, err := jq.CombinedOutput()
	if err != nil {
		t.Fatalf("jq: %v\n%s", err, made)
	}
	object, err := decode(made)
	if err != nil {
		t.Fatalf("%v\n%s", err, made)
	}
	return object.(*core.Pod)
}

// A command runs with the service's settings, positions and fences, once, and nothing takes
// its pod for the service's.
func TestCommandPod(t *testing.T) {
	eachWorkload(t, func(name string, w workload, objects []runtime.Object) {
		service := started(w)
		pod := commandPod(t, service)
		if again := commandPod(t, core.PodList{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "List"}, Items: []core.Pod{*service}}); again.String() != pod.String() {
			t.Errorf("%s: of a list it makes\n%v\nof a pod\n%v", name, again, pod)
		}
		for _, fault := range miscommanded(w, service, pod, objects) {
			t.Errorf("%s: %s", name, fault)
		}
	})
}

// miscommanded tells what is wrong with the pod of a command.
func miscommanded(w workload, service, pod *core.Pod, objects []runtime.Object) (faults []string) {
	container := pod.Spec.Containers[0]
	of := w
	of.pod, of.container = core.PodTemplateSpec{ObjectMeta: pod.ObjectMeta, Spec: pod.Spec}, container
	faults = exposed(of)
	wrong := func(is bool, what string) {
		if is {
			faults = append(faults, what)
		}
	}
	same := func(a, b any) bool {
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		return bytes.Equal(x, y)
	}
	before := service.Spec.Containers[0]
	wrong(pod.Name != "genesys-producer-command" || pod.Namespace != "n", "its name is "+pod.Namespace+"/"+pod.Name)
	wrong(pod.UID != "" || pod.ResourceVersion != "" || len(pod.OwnerReferences) > 0 || pod.Status.Phase != "", "it is that of the service")
	wrong(pod.Spec.NodeName != "" || pod.Spec.Hostname != "" || pod.Spec.Subdomain != "", "it has the place or the name of the service's pod")
	wrong(pod.Spec.RestartPolicy != core.RestartPolicyNever, "it runs again")
	wrong(len(pod.Spec.Containers) != 1 || !slices.Equal(container.Args, arguments), "its arguments are "+strings.Join(container.Args, " "))
	wrong(container.Image != before.Image || !same(container.Env, before.Env) || !same(container.EnvFrom, before.EnvFrom), "it has other settings")
	wrong(len(container.Ports) > 0 || container.StartupProbe != nil || container.LivenessProbe != nil || container.ReadinessProbe != nil, "it is probed")
	kept := len(service.Spec.Volumes)
	wrong(len(pod.Spec.Volumes) != kept+1 || !same(pod.Spec.Volumes[:kept], service.Spec.Volumes), "it has other volumes")
	mounted := len(before.VolumeMounts)
	wrong(len(container.VolumeMounts) != mounted+1 || !same(container.VolumeMounts[:mounted], before.VolumeMounts), "it mounts other volumes")

	selector, err := meta.LabelSelectorAsSelector(w.selector)
	wrong(err != nil || selector.Matches(labels.Set(pod.Labels)), w.name+" takes it for its own")
	wrong(scraped(pod.Labels, before), "Prometheus takes it for the service")
	for _, object := range objects {
		if s, ok := object.(*core.Service); ok {
			wrong(labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(pod.Labels)), "Service "+s.Name+" selects it")
		}
	}
	return faults
}

// What Prometheus is told to look for is what the pods are held to.
func TestScrapeLooksForThePods(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("../../deploy/prometheus", "scrape.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "regex: "+kept+"\n") {
		t.Errorf("scrape.yaml does not keep %s", kept)
	}
}
