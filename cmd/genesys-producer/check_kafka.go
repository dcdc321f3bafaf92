package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"genesys-producer/producer/broker"
	"genesys-producer/producer/status/words"
	"genesys-producer/producer/transact"
)

// soon is how long before its end a certificate is told of.
const soon = 30 * 24 * time.Hour

// kafkaCheck asks the brokers.
type kafkaCheck struct {
	config
	brokers transact.Config
	inspect *transact.Inspection
	cluster transact.ClusterFacts
	told    bool // there is a topic of positions, and it tells them to the client
	found   []checked
}

// checkKafka makes sure of the brokers, the topics, and the store of the positions, which
// may be with them.
func checkKafka(ctx context.Context, cfg config, brokers transact.Config) []checked {
	k := &kafkaCheck{config: cfg, brokers: brokers}
	var err error
	if k.inspect, err = brokers.Inspect(); err != nil {
		return []checked{{"brokers", "", fails, err.Error(), ""}}
	}
	defer k.inspect.Close()
	reached := k.reach(ctx)
	if reached {
		k.topics(ctx)
	} else {
		k.found = append(k.found, unknowns("the brokers could not be asked", "topic", "rights")...)
		if cfg.CheckpointStore == "kafka" {
			k.found = append(k.found, unknowns("the brokers could not be asked", "transactional-ids")...)
		}
	}
	k.store(ctx, reached)
	return k.found
}

func (k *kafkaCheck) add(check, subject string, v verdict, text, fix string) {
	k.found = append(k.found, checked{check, subject, v, text, fix})
}

// reach connects to the brokers as the service does. What fails is told in the row of the
// setting that it is about; what comes after that is not known.
func (k *kafkaCheck) reach(ctx context.Context) bool {
	links := k.connect(ctx, k.Brokers)
	away := slices.DeleteFunc(slices.Clone(links), func(l link) bool { return l.err == nil })
	if len(away) == len(links) {
		what, fix := broker.Apart(away[0].err)
		if _, inHandshake := errors.AsType[*broker.AccessError](away[0].err); inHandshake && k.TLS {
			k.refused("tls", what, fix)
		} else {
			k.refused("brokers", fmt.Sprintf("none of %s can be reached: %s", strings.Join(k.Brokers, ", "), what), fix)
		}
		return false
	}
	bounded, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	var err error
	if k.cluster, err = k.inspect.Cluster(bounded); err != nil {
		what, fix := broker.Apart(err)
		at := "brokers"
		switch { // the advice names what it is about
		case strings.Contains(fix, "KAFKA_SASL_"):
			at = "sasl"
		case strings.Contains(fix, "KAFKA_TLS"):
			at = "tls"
		}
		k.refused(at, what, fix, links...)
		return false
	}
	k.reached(ctx, away)
	k.encrypted(links)
	k.loggedIn()
	return true
}

// link is what came of connecting to an address.
type link struct {
	address string
	broker.Encryption
	err error
}

// connect connects to each address, as the service would, once.
func (k *kafkaCheck) connect(ctx context.Context, addresses []string) []link {
	links := make([]link, len(addresses))
	var all sync.WaitGroup
	for i, address := range addresses {
		all.Go(func() {
			links[i].address = address
			links[i].Encryption, links[i].err = k.brokers.Access.Reach(ctx, address)
		})
	}
	all.Wait()
	return links
}

// refused tells what failed, of what comes one after the other. links: those that were made.
func (k *kafkaCheck) refused(at, what, fix string, links ...link) {
	if fix == "" {
		fix = "check KAFKA_BROKERS, and that they run and can be reached from here (DNS, firewall)"
	}
	rows := []string{"brokers", "tls", "sasl"}
	failing := slices.Index(rows, at)
	if failing > 0 {
		k.add("brokers", "", fine, strings.Join(k.Brokers, ", ")+" accepts connections", "")
	}
	if failing > 1 {
		k.encrypted(links)
	}
	k.add(at, "", fails, what, fix)
	k.found = append(k.found, unknowns("the brokers could not be asked", rows[failing+1:]...)...)
}

// reached tells of the brokers: of those that are configured, and of those that they name,
// to which the service has to connect as well.
func (k *kafkaCheck) reached(ctx context.Context, away []link) {
	text := fmt.Sprintf("cluster %s: %s", dash(k.cluster.ID), words.Several(len(k.cluster.Brokers), "broker answers", "brokers answer"))
	var unreached []string
	for _, l := range k.connect(ctx, k.cluster.Brokers) {
		if l.err != nil {
			what, _ := broker.Apart(l.err)
			unreached = append(unreached, fmt.Sprintf("%s (%s)", l.address, what))
		}
	}
	switch {
	case len(unreached) > 0:
		k.add("brokers", "", fails, fmt.Sprintf("cluster %s: %d of %d brokers cannot be reached at the address that they give: %s", dash(k.cluster.ID), len(unreached), len(k.cluster.Brokers), words.Some(unreached, mostNamed)),
			"correct the brokers' advertised.listeners, or have their names resolved and their ports opened here")
	case len(away) > 0:
		what, _ := broker.Apart(away[0].err)
		k.add("brokers", "", warns, fmt.Sprintf("%s; %d of %d in KAFKA_BROKERS cannot be reached: %s", text, len(away), len(k.Brokers), what), "correct KAFKA_BROKERS, or see to that broker")
	default:
		k.add("brokers", "", fine, text, "")
	}
}

// encrypted tells of TLS, and of the certificate that is out of date first.
func (k *kafkaCheck) encrypted(links []link) {
	if !k.TLS {
		k.add("tls", "", fine, "not used: KAFKA_TLS=false", "")
		return
	}
	var at link
	for _, l := range links {
		if l.err == nil && (at.Expires.IsZero() || l.Expires.Before(at.Expires)) {
			at = l
		}
	}
	text := fmt.Sprintf("%s; the brokers' certificate is good until %s", at.Version, at.Expires.UTC().Format(time.DateOnly))
	v, fix := fine, ""
	if time.Until(at.Expires) < soon {
		v, fix = warns, fmt.Sprintf("have the certificate of %s renewed before that", at.address)
	}
	if !at.Own.IsZero() {
		text += ", the client's until " + at.Own.UTC().Format(time.DateOnly)
		if time.Until(at.Own) < soon {
			v, fix = warns, strings.TrimPrefix(fix+"; renew the one in KAFKA_TLS_CERT_FILE: it is read anew for each connection", "; ")
		}
	}
	k.add("tls", "", v, text, fix)
}

// loggedIn tells of the login, which the brokers have accepted, as they have answered.
func (k *kafkaCheck) loggedIn() {
	who := k.SASLUsername
	if k.SASLMechanism == "oauthbearer" {
		who = k.SASLClientID
	}
	switch {
	case k.SASLMechanism == "":
		k.add("sasl", "", fine, "not used: KAFKA_SASL_MECHANISM=none", "")
	case k.SASLMechanism == "plain" && !k.TLS:
		k.add("sasl", "", warns, "plain accepted as "+who+", but without TLS the password can be read on the way", "use a TLS listener, with KAFKA_TLS=true, or a scram mechanism")
	default:
		k.add("sasl", "", fine, k.SASLMechanism+" accepted as "+who, "")
	}
}
