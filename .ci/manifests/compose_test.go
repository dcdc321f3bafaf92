package manifests

import "testing"

func TestCompose(t *testing.T) {
	project, err := loadCompose("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range miscomposed(project) {
		t.Error(fault)
	}
}
