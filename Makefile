# The commands of this project. `make` lists them.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse --short HEAD 2>/dev/null)
KAFKA   := deploy/kafka/kafka.sh
LINT    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help build sandbox test race lint fuzz bench test-kafka test-long organisation soak integration lint-tool manifests observability image vulncheck test-cluster

help:
	@echo "make build       the service, into bin/"
	@echo "make sandbox     see it work: go run ./cmd/sandbox"
	@echo "make test        all tests, with nothing but Go"
	@echo "make race        the same under the race detector"
	@echo "make lint        formatting, vet, lint, tidy modules, a lean binary"
	@echo "make test-kafka  integration tests on KAFKA_BROKERS, or on a Kafka assembled here (JDK 17, Maven, openssl, kcat)"
	@echo "make manifests   what deploy/ brings up: Kubernetes and compose rendered, held to Pod Security, brought up together"
	@echo "make observability  every query of alerts and dashboard against what the program exports; the alerts' own tests; scrape jobs"
	@echo "make image       the image, built twice and run locked down (root, buildah, runc)"
	@echo "make vulncheck   known vulnerabilities of what is linked: asks vuln.go.dev"
	@echo "make test-cluster  the Kubernetes manifests applied to a real API server, which is built first (once: ten minutes)"
	@echo "make fuzz        a minute of each fuzz target, or FUZZTIME=10s"
	@echo "make bench       the benchmarks of the parts, and the whole service beside its two halves"
	@echo "make test-long   a minute of each fuzz target, the race tests five times, 2,000 histories (SEEDS=), an organisation, 100 kills in each mode (KILLS=, KILL_SEED=)"
	@echo "make organisation  a million conversations a day over 500 queues, for three days that pass in minutes"
	@echo "make soak        ten minutes of kills, restarts and storms (SOAK=8h, SOAK_DELIVERY=exactly-once), in process or on KAFKA_BROKERS; ends with a summary"

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)" -o bin/genesys-producer ./cmd/genesys-producer

sandbox:
	go run ./cmd/sandbox

# In a bubble of testing/synctest time stands still while a goroutine waits for a mutex.
# The tag has franz-go make its own of channels: without, a test can hang, if rarely.
BUBBLES := -tags synctests
test:
	go test $(BUBBLES) ./...

race:
	go test $(BUBBLES) -race -timeout 20m ./...

lint:
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	go vet ./...
	go mod tidy -diff
	golangci-lint run ./...
	@if go list -deps ./cmd/genesys-producer | grep -E '/kfake|kafkatest|genesystest|checkpointtest|^testing$$'; then \
		echo "the service must not link test brokers, simulators or test kits"; exit 1; fi

lint-tool:
	go install $(LINT)

# Modules of their own, so that what they need is not the service's.
manifests:
	cd .ci/manifests && go mod tidy -diff && go vet ./... && golangci-lint run -c ../../.golangci.yml ./... && go test -count=1 ./...

observability:
	cd .ci/observability && go mod tidy -diff && go vet ./... && golangci-lint run -c ../../.golangci.yml ./... && go test -count=1 ./...

image:
	.ci/image/check

vulncheck: # or a copy of its database, which GOVULNDB names
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./cmd/genesys-producer

# The tests that meet a broker, on a real one. A topic is created for each test. One
# package at a time: tests of the other stop and start the broker, with what
# KAFKA_CONTROL names where KAFKA_BROKERS is set.
INTEGRATION := ./producer/kafkatest/ ./producer/broker/ ./producer/publish/ ./producer/transact/ ./cmd/genesys-producer/
# SKIP leaves out the tests that it matches.
SKIPPED = $(if $(SKIP),-skip '$(SKIP)')
integration: # their packages, for who runs the others
	@go list $(INTEGRATION)

test-kafka:
ifdef KAFKA_BROKERS
	go test $(BUBBLES) -race -count=1 -p 1 -timeout 30m $(SKIPPED) $(INTEGRATION)
	go run ./cmd/sandbox --brokers $(KAFKA_BROKERS)
	go run ./cmd/sandbox --exactly-once --brokers $(KAFKA_BROKERS)
else
	@brokers=$$($(KAFKA) start) || exit $$?; trap '$(KAFKA) stop' EXIT; set -e -x; \
	KAFKA_BROKERS=$$brokers KAFKA_CONTROL="$(CURDIR)/$(KAFKA)" go test $(BUBBLES) -race -count=1 -p 1 -timeout 30m -v $(SKIPPED) $(INTEGRATION); \
	go run ./cmd/sandbox --brokers $$brokers; \
	go run ./cmd/sandbox --exactly-once --brokers $$brokers
endif

# What fails is written into the package's testdata/fuzz: keep it there, with the mend.
# Go's own choice is to spend a minute on making one input smaller.
FUZZTIME ?= 1m
fuzz:
	@set -e; for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "=== $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$package; \
		done; \
	done

bench:
	go test -run '^$$' -bench . -benchmem ./...
	go run ./cmd/bench speed pace memory queues delivery positions

KILLS ?= 100
SEEDS ?= 2000
test-long: fuzz
	go test $(BUBBLES) -race -count=5 -timeout 60m ./...
	SEEDS=$(SEEDS) go test $(BUBBLES) -count=1 -timeout 0 -v -run '^TestWhateverHappens$$' ./producer/ | grep -v "^ *\(===\|--- PASS\)"
	$(MAKE) organisation
	KILLS=$(KILLS) go test -count=1 -timeout 0 -v -run '^TestKilled' ./cmd/genesys-producer/
	$(MAKE) test-cluster

# The programs of the API server are kept in the user's cache.
test-cluster:
	cd .ci/cluster && programs=$$(./assemble) && KUBERNETES=$$programs go test -count=1 -timeout 10m -v ./...

# A million conversations a day over 500 queues, for three days that pass in minutes.
organisation:
	ORGANISATION=500 ORGANISATION_DAYS=3 go test $(BUBBLES) -count=1 -timeout 0 -v -run '^TestAnOrganisation' ./producer/

SOAK ?= 10m
soak:
	SOAK=$(SOAK) go test -count=1 -timeout 0 -v -run '^TestSoak$$' ./cmd/genesys-producer/
