package manifests

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// render is what "kubectl kustomize" makes of a folder: its objects, each decoded strictly,
// and how many bytes they are.
func render(folder string) (objects []runtime.Object, size int, err error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, 0, err
	}
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			return nil, 0, err
		}
		object, err := decode(text)
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", resource.CurId(), err)
		}
		objects, size = append(objects, object), size+len(text)
	}
	return objects, size, nil
}

// decode reads one object as the API server does that is told to be strict: an unknown
// kind or field, one that is there twice, and a value of another type are errors.
func decode(text []byte) (runtime.Object, error) {
	reader := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{Yaml: true, Strict: true})
	object, _, err := reader.Decode(text, nil, nil)
	return object, err
}
