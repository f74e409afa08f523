# Everything one does here, one word each; `make` alone lists it.

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --abbrev=12 --dirty 2>/dev/null || echo dev)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)
IMAGE    ?= aws-secrets-manager-connector:$(VERSION)
FUZZTIME ?= 10s
PACKAGES ?= ./...
BENCH    ?= -write
FAULT_MESSAGES ?= 10000
POLLING_HISTORIES ?= 10000

.DEFAULT_GOAL := help
.PHONY: help run workbench build test faults interop clients bench microbench browser fuzz lint vuln docs licenses image release reproducible clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the whole way through on this machine; AMQP_URI=amqp://... takes a real broker
	@$(GO) run ./cmd/component demo

workbench: ## try the functions in the browser, as the flow's designer sees them
	@$(GO) run ./cmd/component workbench

build: ## bin/component, a static binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/component ./cmd/component

test: ## all tests, with -race, against a real RabbitMQ (PACKAGES=./internal/x/... for a part)
	@race=-race; \
	if ! command -v "$$($(GO) env CC)" >/dev/null; then \
		race=; echo "no C compiler found: testing without -race (gcc brings it)"; \
	fi; \
	$(GO) run ./internal/testkit/cmd/withrabbit $(GO) test -count=1 $$race $(PACKAGES)

faults: ## what becomes of messages when things fail, counted; ten minutes (FAULT_MESSAGES=1000 POLLING_HISTORIES=500 is shorter)
	@race=-race; command -v "$$($(GO) env CC)" >/dev/null || race=; \
	FAULT_MESSAGES=$(FAULT_MESSAGES) $(GO) run ./internal/testkit/cmd/withrabbit $(GO) test -C internal/faults -count=1 $$race -parallel 8 -timeout 30m
	POLLING_HISTORIES=$(POLLING_HISTORIES) $(GO) test -count=1 -timeout 30m -run TestPollingHistories ./triggers

bench: ## measure beside Node.js and a bare relay, into docs/ (BENCH=-quick only prints, BENCH=-help tells more)
	@$(GO) run ./internal/testkit/cmd/withrabbit $(GO) run ./internal/bench $(BENCH)

microbench: ## Go benchmarks of the parts, six times each, with benchstat (OLD=FILE compares with an earlier output)
	@GO="$(GO)" scripts/microbench.sh

interop: ## beside and between steps on the reference sailor; needs Node.js and npm
	@GO="$(GO)" scripts/interop.sh

browser: ## drive the workbench in a real browser; needs Chromium, Node.js and npm (SCREENSHOTS=docs makes its picture anew)
	@GO="$(GO)" SCREENSHOTS="$(SCREENSHOTS)" scripts/browser.sh

clients: ## clients of AWS against the emulator, as docs/emulator.md shows them
	@GO="$(GO)" scripts/clients.sh

fuzz: ## each fuzz target for FUZZTIME (10s)
	@GO="$(GO)" scripts/fuzz.sh "$(FUZZTIME)" $(PACKAGES)

lint: ## formatting, vet, staticcheck, component.json, dependencies, licences; golangci-lint where it is installed
	@GO="$(GO)" scripts/lint.sh

vuln: ## known vulnerabilities in what the code calls
	@GO="$(GO)" scripts/vuln.sh

docs: ## write the generated parts of the documentation anew
	$(GO) generate ./...

image: ## the container image, with docker, podman or buildah
	@GO="$(GO)" IMAGE="$(IMAGE)" VERSION="$(VERSION)" REVISION="$(REVISION)" scripts/image.sh

licenses: ## LICENSES-THIRD-PARTY.txt anew, after a change to go.mod
	@GO="$(GO)" scripts/licenses.sh

release: ## binaries, an OCI image layout, SBOMs, licences, provenance and checksums, into dist/
	@GO="$(GO)" scripts/release.sh

reproducible: ## build a release twice and compare every byte (PLATFORMS=linux/amd64 for one platform)
	@GO="$(GO)" scripts/reproducible.sh

clean: ## remove what was built
	rm -rf bin dist
