package manifests

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// exposed tells where the pod may do more than it has to. Most of it is said by the rules
// that the API server has for the Pod Security standard "restricted".
func exposed(w workload) (faults []string) {
	say := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	rules, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return []string{err.Error()}
	}
	for _, result := range rules.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}, &w.pod.ObjectMeta, &w.pod.Spec) {
		if !result.Allowed {
			say("Pod Security: %s: %s", result.ForbiddenReason, result.ForbiddenDetail)
		}
	}

	// Beyond the standard.
	spec, container := w.pod.Spec, w.container
	if context := container.SecurityContext; context == nil || context.ReadOnlyRootFilesystem == nil || !*context.ReadOnlyRootFilesystem {
		say("the root file system is not read-only")
	}
	if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken {
		say("the pod is given a token of the cluster")
	}
	if spec.EnableServiceLinks == nil || *spec.EnableServiceLinks {
		say("the environment has links to services")
	}
	if s := spec.SecurityContext; s == nil || s.RunAsUser == nil || *s.RunAsUser != 65532 || s.FSGroup == nil || *s.FSGroup != 65532 {
		say("the user or the group of the volumes is not that of the image")
	}

	limit := container.Resources.Limits.Memory()
	if limit.IsZero() || container.Resources.Requests.Memory().IsZero() || container.Resources.Requests.Cpu().IsZero() {
		say("memory is not limited, or not requested, or no CPU is")
	}
	for _, variable := range container.Env {
		if variable.Name != "GOMEMLIMIT" {
			continue
		}
		// 230MiB is 230Mi in the cluster's words.
		if soft, err := resource.ParseQuantity(strings.TrimSuffix(variable.Value, "B")); err != nil || soft.Cmp(*limit) >= 0 || soft.Value() < limit.Value()/2 {
			say("GOMEMLIMIT is %s, the limit %s", variable.Value, limit)
		}
		return faults
	}
	say("GOMEMLIMIT is missing")
	return faults
}
