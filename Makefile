# The targets describe themselves: make help.
SHELL := /bin/bash
GO ?= go
BIN := bin/firetower
FUZZTIME ?= 30s
TOOLS := $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n",$$1,$$2}' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## install what the build needs (a C compiler and the libpcap headers), or say what to install
	@tools/deps.sh

.PHONY: build
build: deps ## build bin/firetower
	@$(GO) build -trimpath -o $(BIN) ./cmd/firetower

.PHONY: demo
demo: build ## the main job on the bundled capture and model: packets in, incidents out
	@$(BIN) demo

.PHONY: test
test: deps ## every test that this machine can run
	@$(GO) test ./...

.PHONY: lint
lint: deps ## gofmt, go vet, staticcheck, revive
	@out=$$(gofmt -l cmd internal bench lab 2>/dev/null); if [ -n "$$out" ]; then echo "gofmt -w needed:"; echo "$$out"; exit 1; fi
	@$(GO) vet ./...
	@$(TOOLS) staticcheck ./...
	@$(TOOLS) revive -config tools/revive.toml -set_exit_status ./cmd/... ./internal/...

.PHONY: bench
bench: build ## benchmarks, and Firetower beside its peers on the same machine (bench/README.md)
	@bench/run.sh

.PHONY: bench-forest
bench-forest: deps ## the forest beside scikit-learn on the same rows (Python: see bench/README.md)
	@python3 bench/forest.py parity && python3 bench/forest.py speed --full

.PHONY: lab
lab: ## what the lab can play: real attacks between network namespaces (root; docs/lab.md)
	@lab/run list

.PHONY: fuzz
fuzz: deps ## every fuzz target for FUZZTIME (default 30s) each
	@tools/fuzz.sh $(FUZZTIME)

.PHONY: model
model: build ## train the bundled model anew, byte for byte (needs the data named in docs/model-card.md)
	@tools/model.sh

.PHONY: clean
clean: ## remove what was built
	@rm -rf bin dist
