// Package manifests holds deploy/ to what a cluster and docker compose make of it: the
// Kubernetes manifests are rendered by kustomize, decoded strictly by the types of the API
// server, held to the Pod Security standard by its own rules, and what they refer to is
// looked for; compose.yaml is loaded by the library of docker compose, and its Kafka settings
// are held against each other. It is a module of its own, so that nothing of this reaches
// the service's.
//
//	go test ./...
//
// faults_test.go shows that the checks find what they are for.
package manifests
