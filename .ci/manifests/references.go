package manifests

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// shutdownGrace is SHUTDOWN_GRACE by default, in seconds. Beyond it there must be time to
// close what is open.
const shutdownGrace = 20

// dangling tells what the workload refers to that is not there, and what of it would not
// work: the API server takes all of this without a word.
func dangling(w workload, objects []runtime.Object) []string {
	faults := slices.Clone(w.faults)
	say := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	there := func(kind, name string) {
		if !exists(objects, kind, name) {
			say("%s %s is not there", kind, name)
		}
	}
	spec := w.pod.Spec

	if w.replicas == nil || *w.replicas != 1 {
		say("replicas is not 1")
	}
	if spec.TerminationGracePeriodSeconds == nil || *spec.TerminationGracePeriodSeconds < shutdownGrace+10 {
		say("terminationGracePeriodSeconds leaves less than 10 s beyond SHUTDOWN_GRACE")
	}
	if selector, err := meta.LabelSelectorAsSelector(w.selector); err != nil || selector.Empty() || !selector.Matches(labels.Set(w.pod.Labels)) {
		say("the selector does not select the pods")
	}
	if w.service != "" {
		there("Service", w.service)
	}
	there("ServiceAccount", spec.ServiceAccountName)
	if _, tag, tagged := strings.Cut(w.container.Image[strings.LastIndex(w.container.Image, "/")+1:], ":"); !tagged || tag == "latest" {
		say("the image %s has no tag", w.container.Image)
	}

	for _, from := range w.container.EnvFrom {
		switch {
		case from.ConfigMapRef != nil:
			there("ConfigMap", from.ConfigMapRef.Name)
		case from.SecretRef != nil:
			there("Secret", from.SecretRef.Name)
		}
	}
	volumes := slices.Clone(w.claims)
	for _, volume := range spec.Volumes {
		volumes = append(volumes, volume.Name)
		switch {
		case volume.Secret != nil:
			there("Secret", volume.Secret.SecretName)
		case volume.ConfigMap != nil:
			there("ConfigMap", volume.ConfigMap.Name)
		}
	}
	var mounted []string
	for _, mount := range w.container.VolumeMounts {
		mounted = append(mounted, mount.Name)
		if !slices.Contains(volumes, mount.Name) {
			say("the volume %s is mounted, but not there", mount.Name)
		}
	}
	for _, name := range volumes {
		if !slices.Contains(mounted, name) {
			say("the volume %s is not mounted", name)
		}
	}

	// An answer is read whole: it must be an error before it is the end of the pod's memory.
	if most, err := strconv.ParseInt(w.environment(objects)["GENESYS_MAX_RESPONSE_BYTES"], 10, 64); err != nil || most > w.container.Resources.Limits.Memory().Value()/2 {
		say("an answer may take all of the memory")
	}
	for name, probe := range map[string]*core.Probe{"startup": w.container.StartupProbe, "liveness": w.container.LivenessProbe, "readiness": w.container.ReadinessProbe} {
		want := map[bool]string{true: "/readyz", false: "/livez"}[name == "readiness"]
		switch {
		case probe == nil || probe.HTTPGet == nil:
			say("there is no %s probe", name)
		case !w.declares(probe.HTTPGet.Port):
			say("the %s probe asks at the port %s, which is not declared", name, probe.HTTPGet.Port.String())
		case probe.HTTPGet.Path != want:
			say("the %s probe asks for %s, want %s", name, probe.HTTPGet.Path, want)
		}
	}
	if !scraped(w.pod.Labels, w.container) {
		say("Prometheus does not find the metrics: it looks for %s", kept)
	}
	for _, object := range objects {
		service, ok := object.(*core.Service)
		if !ok {
			continue
		}
		if len(service.Spec.Selector) == 0 || !labels.SelectorFromSet(service.Spec.Selector).Matches(labels.Set(w.pod.Labels)) {
			say("Service %s does not select the pods", service.Name)
		}
		for _, port := range service.Spec.Ports {
			if !w.declares(port.TargetPort) {
				say("Service %s leads to the port %s, which is not declared", service.Name, port.TargetPort.String())
			}
		}
	}
	return faults
}

// kept is what deploy/prometheus/scrape.yaml looks for: a label of a pod, and the name of a
// port of it.
const kept = "genesys-producer;http"

// scraped says whether Prometheus asks a container for metrics.
func scraped(of map[string]string, container core.Container) bool {
	return slices.ContainsFunc(container.Ports, func(p core.ContainerPort) bool {
		return of["app.kubernetes.io/name"]+";"+p.Name == kept
	})
}

// declares says whether the container declares a port, by name or number.
func (w workload) declares(port intstr.IntOrString) bool {
	return slices.ContainsFunc(w.container.Ports, func(p core.ContainerPort) bool {
		return port.Type == intstr.String && p.Name == port.StrVal || port.Type == intstr.Int && p.ContainerPort == port.IntVal
	})
}

// exists says whether there is an object of the kind and name.
func exists(objects []runtime.Object, kind, name string) bool {
	return slices.ContainsFunc(objects, func(o runtime.Object) bool {
		named, ok := o.(meta.Object)
		return ok && named.GetName() == name && o.GetObjectKind().GroupVersionKind().Kind == kind
	})
}
