package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"genesys-producer/producer/broker"
	"genesys-producer/producer/transact"
)

// rights holds what the client may do with a topic against what the service does.
func (k *kafkaCheck) rights(topic transact.Topic, f transact.TopicFacts) checked {
	needed := []string{"Write"}
	if topic.Compacted { // of positions or ledgers, which are read again
		needed = []string{"Read", "Write"}
	}
	r := checked{Check: "rights", Subject: topic.Name, Verdict: fine, Finding: strings.ToUpper(strings.Join(needed, ", ")) + " allowed"}
	if !f.Told {
		r.Verdict, r.Finding = unsure, "the brokers do not tell what the client may do"
		return r
	}
	missing := slices.DeleteFunc(needed, func(operation string) bool { return slices.Contains(f.Allowed, strings.ToUpper(operation)) })
	if len(missing) > 0 {
		r.Verdict, r.Finding = fails, strings.ToUpper(strings.Join(missing, ", "))+" not allowed"
		r.Fix = k.grant(topic.Name, missing...)
	}
	return r
}

// tells reports whether positions can be read from a topic, whatever else is wrong with it.
func tells(topic transact.Topic, f transact.TopicFacts) bool {
	return (!topic.Single || f.Partitions == 1) && (!f.Told || slices.Contains(f.Allowed, "READ"))
}

// transactions makes sure that positions can be written, which is done in transactions.
func (k *kafkaCheck) transactions(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	if err := k.inspect.MayTransact(bounded, k.CheckpointTopic, k.CheckpointName); err != nil {
		what, fix := broker.Apart(err)
		if transact.Forbidden(err) {
			fix = fmt.Sprintf("kafka-acls.sh --add --allow-principal %s --operation Write --transactional-id genesys-producer. --resource-pattern-type prefixed%s", k.principal(), k.server())
		}
		k.add("transactional-ids", "", fails, what, fix)
		return
	}
	k.add("transactional-ids", "", fine, "those of "+k.CheckpointTopic+" and "+k.CheckpointName+" may be used", "")
}

// grant is the command that allows the client operations on a topic.
func (k *kafkaCheck) grant(topic string, operations ...string) string {
	command := "kafka-acls.sh --add --allow-principal " + k.principal()
	for _, operation := range operations {
		command += " --operation " + operation
	}
	return command + " --topic " + topic + k.server()
}

// principal is who the client is to the brokers, as far as the configuration tells.
func (k *kafkaCheck) principal() string { return "User:" + cmp.Or(k.SASLUsername, "CLIENT") }
