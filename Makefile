# Every task has its name here, for people, hooks and CI alike.
.DEFAULT_GOAL := help

BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --no-config --system-certs --universal --python-version 3.13 \
	--generate-hashes --custom-compile-command "make lock"
DOCS_PAGE := src/vehicles/entrypoints/docs_page

.PHONY: help
help: ## list the tasks
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "make %-9s %s\n", $$1, $$2 }'

.PHONY: install
install: .venv/installed ## make .venv with everything in it; does nothing when it is up to date

.venv/installed: .python-version pyproject.toml requirements/dev.txt scripts/bootstrap
	@scripts/bootstrap
	@touch $@

.PHONY: serve
serve: install ## start the local server; ARGS="…" adds its options
	@$(BIN)/vehicles serve $(ARGS)

.PHONY: test
test: install ## run all tests; branch coverage must be 100 % in the domain and 95 % overall
	$(BIN)/pytest --numprocesses=auto --cov --cov-report=
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --fail-under=100 --include='src/vehicles/domain/*'

.PHONY: browser
browser: ## install Chromium, which the tests of the page that shows the API need; on Debian, as root
	command -v chromium >/dev/null || { apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends chromium </dev/null; }

.PHONY: emulator
emulator: .venv-emulator/installed ## make .venv-emulator with what stands in for AWS in the tests

.venv-emulator/installed: requirements/emulator.txt | install
	$(BIN)/uv venv --quiet --clear --no-python-downloads --python $(BIN)/python .venv-emulator
	$(BIN)/uv pip sync --quiet --system-certs --python .venv-emulator/bin/python --require-hashes requirements/emulator.txt
	@touch $@

.PHONY: check
check: install ## check style, types, the architecture, and that requirements/ names no address
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	! grep -nE '://|^-|(^|[ @])/' requirements/*.txt

.PHONY: docs
docs: openapi ## write what is generated from the code
	$(BIN)/python scripts/problems_page.py >docs/problems.md

.PHONY: openapi
openapi: install ## write the contract of the API to openapi.json
	$(BIN)/vehicles openapi >.venv/openapi.json
	mv .venv/openapi.json .

.PHONY: lock
lock: install ## choose the newest versions that pyproject.toml allows, and pin them in requirements/
	$(COMPILE) pyproject.toml --extra local >.venv/run.txt # not onto the old file: uv would keep the versions that it finds there
	mv .venv/run.txt requirements
	$(COMPILE) pyproject.toml --all-extras --group dev --constraints requirements/run.txt >.venv/dev.txt
	mv .venv/dev.txt requirements
	$(COMPILE) --group emulator >.venv/emulator.txt
	mv .venv/emulator.txt requirements

.PHONY: vendor
vendor: ## fetch the page that shows the API, as its publisher packs it
	scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
	npm pack --silent --pack-destination "$$scratch" swagger-ui-dist@5.35.0 && \
	tar -xzf "$$scratch"/swagger-ui-dist-5.35.0.tgz -C "$$scratch" && \
	mkdir -p $(DOCS_PAGE) && \
	cd "$$scratch"/package && cp LICENSE swagger-ui.css swagger-ui-bundle.js "$(CURDIR)/$(DOCS_PAGE)"

.PHONY: clean
clean: ## remove everything that a task has made and git does not keep
	rm -rf .venv .venv-emulator .cache .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis dist
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
