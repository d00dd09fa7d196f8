# What a developer does here. Only Go and make are needed; tests use more where
# the machine has it, and say what they skipped.

GO      ?= go
# Without this tag go-mysql-server wants ICU's C library.
TAGS    := -tags gms_pure_go
# Go leaves folders called testdata out of ./...
PACKAGES := ./... ./testdata/need ./testdata/services
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
# More flags for `make run`: make run ARGS='--log-level debug'
ARGS    ?=
FUZZTIME ?= 10m

.DEFAULT_GOAL := help
.PHONY: help run build test fuzz lint bench generate clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build, and serve a demo archive on 127.0.0.1:3306 or the next free port
	@exec ./bin/gridgate serve --demo $(ARGS)

build: ## build bin/gridgate
	CGO_ENABLED=0 $(GO) build $(TAGS) -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/gridgate ./cmd/gridgate

test: lint ## lint, then all tests, with the race detector where there is a C compiler
	@race=-race; cgo=1; \
	if ! command -v $$($(GO) env CC | cut -d' ' -f1) >/dev/null 2>&1; then \
		race=; cgo=0; \
		echo "without the race detector: it needs a C compiler ($$($(GO) env CC)), and there is none"; \
		if [ "$$CI" = true ]; then exit 1; fi; \
	fi; \
	set -x; CGO_ENABLED=$$cgo $(GO) test $$race $(TAGS) -timeout 20m $(PACKAGES) && \
	if [ -n "$$race" ]; then CGO_ENABLED=0 $(GO) test $(TAGS) -run '^TestLoad$$' ./cmd/gridgate; fi # ten times as much

# Inputs are not made smaller, which would take nearly all of the time: the
# statement that is found is what matters.
fuzz: ## fuzz the differential test for FUZZTIME
	CGO_ENABLED=0 $(GO) test $(TAGS) -run '^$$' -fuzz FuzzDifferential -fuzztime $(FUZZTIME) -fuzzminimizetime 1x ./engine

lint: ## gofmt, go vet and staticcheck
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt -w these files:"; echo "$$unformatted"; exit 1; fi
	CGO_ENABLED=0 $(GO) vet $(TAGS) $(PACKAGES)
	CGO_ENABLED=0 $(GO) tool staticcheck $(TAGS) $(PACKAGES)

bench: ## run the benchmarks
	CGO_ENABLED=0 $(GO) test $(TAGS) -run '^$$' -bench . -benchmem ./tables/... ./ingest/... ./engine ./engine/wire ./cmd/gridgate/...

generate: ## write generated files anew; needs a JDK 17
	$(GO) generate $(TAGS) ./...

clean: ## remove what was built
	rm -rf bin
