# Makes of the service's pod one that runs a command once, under the same settings and over
# the same positions. For commands that want the service stopped, which ends its own pod:
#
#   kubectl get pods -l app.kubernetes.io/name=genesys-producer -o json |
#     jq -f command.jq --args -- checkpoint rewind --to TIME --queue QUEUE --yes >command.json
#
# deploy/RUNBOOK.md, "Commands in a container", has the rest of the way. What is in a
# ConfigMap genesys-producer-command, if there is one, is under /files: an export, for import.
(if .items then .items[0] else . end)
| {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "genesys-producer-command",
      namespace: .metadata.namespace,
      # Not the service's: nothing that looks for that pod finds this one.
      labels: {"app.kubernetes.io/name": "genesys-producer-command"}
    },
    spec: (
      .spec
      # What is of that one pod, or what the cluster fills in.
      | del(.nodeName, .hostname, .subdomain, .ephemeralContainers, .priority, .serviceAccount)
      | .restartPolicy = "Never"
      | .containers |= map(
          select(.name == "genesys-producer")
          | del(.ports, .startupProbe, .livenessProbe, .readinessProbe)
          | .args = $ARGS.positional
          | .volumeMounts += [{name: "files", mountPath: "/files", readOnly: true}]
        )
      | .volumes += [{name: "files", configMap: {name: "genesys-producer-command", optional: true}}]
    )
  }
