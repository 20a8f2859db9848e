# Every task has its name here, for people, hooks and CI alike.
.DEFAULT_GOAL := help

BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --no-config --system-certs --universal --python-version 3.13 \
	--generate-hashes --custom-compile-command "make lock"
ARCHITECTURE ?= arm64
SAM := SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam
TRANSLATION := .aws-sam/translated.json
OWN := emulator sam runtime checks generators
TYPESCRIPT := openapi-typescript@7.13.0 typescript@5.9.3
DOCS_PAGE := src/vehicles/entrypoints/http/docs_page
CONSOLE := src/vehicles/entrypoints/console

.PHONY: help
help: ## list the tasks
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "make %-11s %s\n", $$1, $$2 }'

.PHONY: install
install: .venv/installed ## make .venv with everything in it; does nothing when it is up to date

.venv/installed: .python-version pyproject.toml requirements/dev.txt scripts/bootstrap
	@scripts/bootstrap
	@touch $@

.PHONY: serve
serve: install ## start the local server; ARGS="…" adds its options
	@$(BIN)/vehicles serve $(ARGS)

PYTEST := $(BIN)/pytest --numprocesses=auto

.PHONY: unit
unit: install ## run the tests that need no process, file or socket: half a minute
	$(PYTEST) src tests/unit

.PHONY: test
test: install ## run the unit and integration tests, which need nothing else: three minutes
	$(PYTEST) src tests/unit tests/integration -m 'not slow and not thorough'

.PHONY: coverage
coverage: install ## run `make test` with 50 examples per property; branch coverage must be 100 % in the domain and 95 % overall
	HYPOTHESIS_PROFILE=ci PYTEST_ADDOPTS="$$PYTEST_ADDOPTS --cov --cov-report=" $(MAKE) test
	$(BIN)/coverage xml -q -o reports/coverage.xml
	$(BIN)/coverage report --fail-under=100 --include='src/vehicles/domain/*'
	$(BIN)/coverage report --fail-under=95

.PHONY: test-slow
test-slow: install ## run the integration tests that take over five seconds each
	$(PYTEST) tests/integration -m slow

.PHONY: test-aws
test-aws: emulator sam ## run the tests that need a strict emulator of AWS, or SAM: the template, the scripts, lost replies
	$(PYTEST) tests/aws

.PHONY: test-browser
test-browser: install ## run the tests of the pages in Chromium, which `make chromium` installs
	$(PYTEST) tests/browser

.PHONY: test-contract
test-contract: install ## let schemathesis compare a running server with openapi.json
	$(BIN)/pytest tests/schemathesis

.PHONY: e2e
e2e: emulator sam runtime ## deploy to an emulator of AWS, and exercise the whole deployment, its console in Chromium: four to five minutes
	$(BIN)/pytest tests/end_to_end

.PHONY: thorough
thorough: emulator sam libreoffice generators ## run what is longer than a pipeline: 1,000 examples per property, 20 rounds of kills, 200,000 mutated files, generated clients
	HYPOTHESIS_PROFILE=thorough KILL_ROUNDS=20 FAULT_CALLS=20000 MUTATIONS=200000 REGISTRATIONS=1000 $(PYTEST) src tests/unit tests/integration tests/aws tests/generators --timeout=3600

.PHONY: chromium
chromium: ## install Chromium, which the tests of the pages need; on Debian, as root
	command -v chromium >/dev/null || { apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends chromium </dev/null; }

.PHONY: libreoffice
libreoffice: ## install LibreOffice, through which make thorough sends fleets; on Debian, as root
	command -v soffice >/dev/null || { apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends libreoffice-calc </dev/null; }

.PHONY: emulator
emulator: .venv-emulator/installed ## make .venv-emulator with an emulator of AWS

# Tools that pin what others need otherwise have environments of their own, each as its file in requirements/ says.
.venv-%/installed: requirements/%.txt | install
	$(BIN)/uv venv --quiet --clear --no-python-downloads --python $(BIN)/python .venv-$*
	$(BIN)/uv pip sync --quiet --system-certs --python .venv-$*/bin/python --require-hashes $<
	@touch $@

.PHONY: runtime
runtime: .venv-runtime/installed ## make .venv-runtime with AWS's Lambda runtime client

.PHONY: sam
sam: .venv-sam/installed ## make .venv-sam with AWS SAM, which packages and deploys

.PHONY: generators
generators: .venv-generators/node/installed ## make .venv-generators with what makes clients of the API from openapi.json

.venv-generators/node/installed: .venv-generators/installed
	.venv-generators/bin/npm install --silent --no-save --no-audit --no-fund --prefix $(@D) $(TYPESCRIPT)
	@touch $@

.PHONY: package
package: sam ## build the functions' package for AWS into .aws-sam; ARCHITECTURE=x86_64 for other processors
	ARCHITECTURE=$(ARCHITECTURE) $(SAM) build --parameter-overrides Architecture=$(ARCHITECTURE)

# What SAM calls while it builds, once for each function.
.PHONY: build-VehicleLambda build-SummaryLambda
build-VehicleLambda build-SummaryLambda: build-%: install
	$(BIN)/python scripts/lambda_package.py $* "$(ARTIFACTS_DIR)" $(ARCHITECTURE)

.PHONY: format
format: install ## format the code and apply safe fixes
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

.PHONY: check
check: install ## check style, types, the architecture, the scripts of the console, and that requirements/ names no address
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/oxlint --quiet $(CONSOLE)
	! grep -nE '://|^-|(^|[ @])/' requirements/*.txt

.PHONY: check-aws
check-aws: sam .venv-checks/installed ## check the deployment files: template, containers, pipeline
	$(SAM) validate --lint --region eu-central-1
	mkdir -p .aws-sam && .venv-sam/bin/python scripts/translate_template.py >$(TRANSLATION)
	.venv-sam/bin/cfn-lint --regions eu-central-1 us-east-1 -- template.yaml pipeline-role.yaml $(TRANSLATION)
	.venv-checks/bin/checkov --skip-download --quiet --compact --framework cloudformation --file $(TRANSLATION)
	.venv-checks/bin/hadolint Dockerfile
	.venv-checks/bin/check-jsonschema --builtin-schema vendor.gitlab-ci .gitlab-ci.yml
	.venv-checks/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

.PHONY: bench
bench: .venv-bench/installed ## measure against the baselines, and write docs/performance.md; PARTS="vin server" measures only these
	@command -v wrk >/dev/null || { echo "wrk, which loads the servers, is missing: on Debian, apt-get install wrk" >&2; exit 1; }
	$(BIN)/python -m benchmarks $(PARTS)

.PHONY: valgrind
valgrind: ## install Valgrind, by which the benchmarks count instructions; on Debian, as root
	command -v valgrind >/dev/null || { apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends valgrind </dev/null; }

.PHONY: bench-quick
bench-quick: install ## fail where the registry has become slower than benchmarks/results.json says
	@command -v valgrind >/dev/null || { echo "valgrind, which counts instructions, is missing: make valgrind" >&2; exit 1; }
	$(BIN)/python -m benchmarks quick

TESTS ?= tests/unit

.PHONY: mutants
mutants: install ## run mutation tests, for hours; PARTS="vehicles.domain.vin.*" TESTS=tests/unit/vin
	@rm -f mutants/mutmut-cicd-stats.json
	@HYPOTHESIS_PROFILE=quick PYTEST_ADDOPTS="-o testpaths=$(TESTS)" $(BIN)/mutmut run --max-children=2 $(PARTS) || true
	@$(BIN)/mutmut results | grep -v ': not checked' || true
	@$(BIN)/mutmut export-cicd-stats && grep -v '[{}]' mutants/mutmut-cicd-stats.json && \
	grep -q '"killed": [1-9]' mutants/mutmut-cicd-stats.json

.PHONY: quality
quality: install ## write to reports/ what GitLab shows of the style
	$(BIN)/ruff check --exit-zero --output-format=gitlab --output-file=reports/quality.json

STAGE ?= dev
SAM_PYTHON := .venv-sam/bin/python

.PHONY: deploy
deploy: sam ## deploy the package that make package has built; STAGE=prod, PARAMETERS="AuthMode=JWT …"
	$(SAM_PYTHON) scripts/deploy.py $(STAGE) Architecture=$(ARCHITECTURE) $(PARAMETERS)

.PHONY: verify
verify: sam ## call the deployed API and look at its alarms, leaving no trace; STAGE=prod
	$(SAM_PYTHON) scripts/verify.py $(STAGE)

.PHONY: docs
docs: openapi ## write what is generated from the code
	$(BIN)/python scripts/problems_page.py >docs/problems.md
	$(BIN)/python scripts/costs.py >docs/costs.md
	$(BIN)/python scripts/summary_schema.py >docs/summary.schema.json

.PHONY: example
example: install ## write docs/example: the summary of a sample fleet, and a picture of its page; needs Chromium
	$(BIN)/python scripts/summary_example.py

PICTURES := $(addsuffix -desktop-light,fleet wrong-vin conflict fixing summarized) fleet-phone-dark

.PHONY: pictures
pictures: install ## take pictures of each state of the console into reports/pictures, some of them for docs/; needs Chromium
	mkdir -p reports/pictures
	PICTURES=reports/pictures $(PYTEST) tests/browser -k test_state_is_accessible
	for name in $(PICTURES); do cp reports/pictures/console-$$name.png docs/example || exit; done

.PHONY: openapi
openapi: install ## write the contract of the API to openapi.json
	$(BIN)/vehicles openapi >.venv/openapi.json
	mv .venv/openapi.json .

.PHONY: lock
lock: install ## choose the newest versions that pyproject.toml allows, and pin them in requirements/
	$(COMPILE) pyproject.toml --all-extras >.venv/run.txt # not onto the old file: uv would keep the versions that it finds there
	mv .venv/run.txt requirements
	$(COMPILE) pyproject.toml --all-extras --group dev --constraints requirements/run.txt >.venv/dev.txt
	mv .venv/dev.txt requirements
	$(COMPILE) --group bench --constraints requirements/dev.txt >.venv/bench.txt
	mv .venv/bench.txt requirements
	for group in $(OWN); do $(COMPILE) --group $$group >.venv/$$group.txt && mv .venv/$$group.txt requirements || exit; done

.PHONY: vendor
vendor: ## download Swagger UI, and the library of the console: Preact with HTM
	scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && cd "$$scratch" && \
	npm pack --silent swagger-ui-dist@5.35.0 htm@3.1.1 preact@10.29.0 && \
	for package in *.tgz; do mkdir "$${package%-*}" && tar -xzf $$package -C "$${package%-*}" --strip-components=1 || exit; done && \
	mkdir -p "$(CURDIR)/$(DOCS_PAGE)" "$(CURDIR)/$(CONSOLE)/vendor" && \
	(cd swagger-ui-dist && cp LICENSE swagger-ui.css swagger-ui-bundle.js "$(CURDIR)/$(DOCS_PAGE)") && \
	cp htm/LICENSE "$(CURDIR)/$(CONSOLE)/vendor" && cp htm/preact/standalone.module.js "$(CURDIR)/$(CONSOLE)/vendor/preact.js" && \
	cp preact/LICENSE "$(CURDIR)/$(CONSOLE)/vendor/LICENSE.preact" # the file of HTM has Preact in it

.PHONY: clean
clean: ## remove everything that a task has made and git does not keep
	rm -rf .venv .venv-* .aws-sam .cache .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis dist mutants reports
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
