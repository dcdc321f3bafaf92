package manifests

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
)

// kubernetes is a copy of the manifests in a folder where a test may change them, with the
// secret that a user would have written down.
func kubernetes(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("../../deploy/kubernetes")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "example", "client-secret"), []byte("a secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// replace changes a file, which must have the text that is to go.
func replace(t *testing.T, file, old, with string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), old, with, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// renderings are what is rendered of a folder of manifests. The example is rendered on both
// of what it may stand on.
func renderings(t *testing.T, folder string) map[string]func() ([]runtime.Object, int, error) {
	t.Helper()
	other := t.TempDir()
	if err := os.CopyFS(other, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(other, "example", "kustomization.yaml"), "- ../base", "- ../overlays/without-volume")
	of := func(parts ...string) func() ([]runtime.Object, int, error) {
		return func() ([]runtime.Object, int, error) { return render(filepath.Join(parts...)) }
	}
	return map[string]func() ([]runtime.Object, int, error){
		"base": of(folder, "base"), "without volume": of(folder, "overlays", "without-volume"),
		"example": of(folder, "example"), "example without volume": of(other, "example"),
	}
}

// eachWorkload calls test with what is rendered, and what of it runs the service.
func eachWorkload(t *testing.T, test func(name string, w workload, objects []runtime.Object)) {
	t.Helper()
	for name, render := range renderings(t, kubernetes(t)) {
		objects, _, err := render()
		if err != nil {
			t.Fatal(err)
		}
		w, err := workloadOf(objects)
		if err != nil {
			t.Fatal(err)
		}
		test(name, w, objects)
	}
}

// inspect is everything that is wrong with a rendering.
func inspect(render func() ([]runtime.Object, int, error)) (faults []string) {
	objects, _, err := render()
	if err != nil {
		return []string{err.Error()}
	}
	w, err := workloadOf(objects)
	if err != nil {
		return []string{err.Error()}
	}
	return append(dangling(w, objects), exposed(w)...)
}

func TestKubernetes(t *testing.T) {
	for name, render := range renderings(t, kubernetes(t)) {
		objects, size, err := render()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s: %d objects, %d bytes", name, len(objects), size)
		faults := inspect(render)
		if !strings.HasPrefix(name, "example") { // the secret is the user's
			faults = slices.DeleteFunc(faults, func(f string) bool { return f == "Secret genesys-producer is not there" })
		}
		for _, fault := range faults {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// What kustomize makes whole again, such as a field that is there twice, is found in the
// sources.
func TestSources(t *testing.T) {
	found := 0
	for _, pattern := range []string{"base/*.yaml", "example/*.yaml"} {
		files, err := filepath.Glob(filepath.Join("../../deploy/kubernetes", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if filepath.Base(file) == "kustomization.yaml" {
				continue
			}
			found++
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decode(text); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	if found < 4 {
		t.Errorf("%d sources", found)
	}
}

// Without the file of the secret nothing can be applied, and no secret is in the folder.
func TestNothingIsAppliedWithoutASecret(t *testing.T) {
	folder := kubernetes(t)
	if err := os.Remove(filepath.Join(folder, "example", "client-secret")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := render(filepath.Join(folder, "example")); err == nil || !strings.Contains(err.Error(), "client-secret") {
		t.Errorf("got %v", err)
	}
}

// Without a volume there is none but that of the secret, and a page and its position are one
// transaction.
func TestWithoutVolume(t *testing.T) {
	objects, _, err := render("../../deploy/kubernetes/overlays/without-volume")
	if err != nil {
		t.Fatal(err)
	}
	w, err := workloadOf(objects)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.claims) > 0 || len(w.pod.Spec.Volumes) != 1 || w.pod.Spec.Volumes[0].Secret == nil {
		t.Errorf("volumes: %v, %v", w.claims, w.pod.Spec.Volumes)
	}
	settings := w.environment(objects)
	if settings["CHECKPOINT_STORE"] != "kafka" || settings["KAFKA_DELIVERY"] != "exactly-once" {
		t.Errorf("settings: %v", settings)
	}
}
