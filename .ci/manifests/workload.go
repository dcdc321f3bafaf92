package manifests

import (
	"fmt"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// workload is what runs the pod: a StatefulSet or a Deployment.
type workload struct {
	name      string
	replicas  *int32
	selector  *meta.LabelSelector
	pod       core.PodTemplateSpec
	service   string   // of a StatefulSet
	claims    []string // volumes that are made for it
	container core.Container
	faults    []string // of its kind
}

// workloadOf is the one workload among the objects.
func workloadOf(objects []runtime.Object) (w workload, err error) {
	found := 0
	for _, object := range objects {
		switch o := object.(type) {
		case *apps.StatefulSet:
			found++
			w = workload{name: o.Name, replicas: o.Spec.Replicas, selector: o.Spec.Selector, pod: o.Spec.Template, service: o.Spec.ServiceName}
			for _, claim := range o.Spec.VolumeClaimTemplates {
				w.claims = append(w.claims, claim.Name)
			}
			if kept := o.Spec.PersistentVolumeClaimRetentionPolicy; kept == nil || kept.WhenDeleted != apps.RetainPersistentVolumeClaimRetentionPolicyType {
				w.faults = append(w.faults, "the positions are deleted with the StatefulSet")
			}
			if o.Spec.PodManagementPolicy != apps.ParallelPodManagement {
				w.faults = append(w.faults, "a pod that is not ready is never replaced")
			}
		case *apps.Deployment:
			found++
			w = workload{name: o.Name, replicas: o.Spec.Replicas, selector: o.Spec.Selector, pod: o.Spec.Template}
			if o.Spec.Strategy.Type != apps.RecreateDeploymentStrategyType {
				w.faults = append(w.faults, fmt.Sprintf("the strategy is %q: two pods would run at once", o.Spec.Strategy.Type))
			}
		}
	}
	if found != 1 {
		return w, fmt.Errorf("%d workloads, want 1", found)
	}
	if count := len(w.pod.Spec.Containers); count != 1 {
		return w, fmt.Errorf("%d containers, want 1", count)
	}
	w.container = w.pod.Spec.Containers[0]
	return w, nil
}

// environment is what the container is given, as far as it is in the objects.
func (w workload) environment(objects []runtime.Object) map[string]string {
	all := map[string]string{}
	for _, from := range w.container.EnvFrom {
		for _, object := range objects {
			if settings, ok := object.(*core.ConfigMap); ok && from.ConfigMapRef != nil && settings.Name == from.ConfigMapRef.Name {
				for name, value := range settings.Data {
					all[from.Prefix+name] = value
				}
			}
		}
	}
	for _, variable := range w.container.Env {
		all[variable.Name] = variable.Value
	}
	return all
}
