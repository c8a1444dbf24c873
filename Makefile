# `make build` and `make test` are all a new machine needs. PYTHON names the interpreter to build the environment from.
PYTHON ?= python3
VENV := .venv
DBT := $(VENV)/bin/dbt
VENV_DBT_1_12 := .venv-dbt-1.12

# Where this is set, each start of dbt compiles 1,300 modules, which takes 2 to 5 seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: build build-dbt-1.12 test pytest lint lint-sql lint-python environment profile

build: environment profile
	$(DBT) build

test: environment profile
	$(MAKE) --jobs=2 lint
	$(MAKE) pytest

pytest: environment profile
	$(VENV)/bin/pytest

lint: lint-sql lint-python

lint-sql: environment
	$(VENV)/bin/sqlfluff lint models macros tests examples

lint-python: environment
	$(VENV)/bin/ruff check python tests benchmarks examples
	$(VENV)/bin/ruff format --check python tests benchmarks examples
	$(VENV)/bin/mypy

# Under the newest dbt-core that ours may be installed with; by Sail, which takes least time, on the tables of `make build`.
build-dbt-1.12: $(VENV_DBT_1_12)/installed-dbt-1.12 profile
	SEGMENTATION_TARGET=sail DBT_TARGET_PATH=target/dbt-1.12 $(VENV_DBT_1_12)/bin/dbt build

# The environment once more, its files linked and not copied; pip replaces files, it does not write into them.
$(VENV_DBT_1_12)/installed-dbt-1.12: $(VENV)/installed requirements-dbt-1.12.lock
	rm -rf $(VENV_DBT_1_12)
	$(VENV)/bin/python -c 'import os, shutil; shutil.copytree("$(VENV)", "$(VENV_DBT_1_12)", symlinks=True, copy_function=os.link)'
	$(VENV_DBT_1_12)/bin/python -m pip install --quiet --no-compile --no-deps --disable-pip-version-check --require-hashes --requirement requirements-dbt-1.12.lock
	$(VENV_DBT_1_12)/bin/python -m pip check --disable-pip-version-check
	touch $@

environment: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml python/dbt_spark_python/pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 10) <= sys.version_info < (3, 14) else "Python 3.10 to 3.13 is needed; name one with make PYTHON=...")'
	@echo "Installing the packages of requirements.lock (1.7 GB on disk); this takes a minute or two."
	$(PYTHON) -m venv $(VENV)
	@# Spark comes as sources of 450 MB, mostly archives: to compress its wheel takes 10 seconds and saves nothing.
	$(VENV)/bin/python -m pip install --quiet --no-compile --no-deps --use-pep517 --config-settings=--build-option=--compression=stored \
		--disable-pip-version-check --require-hashes --requirement requirements.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable python/dbt_spark_python --editable .
	$(VENV)/bin/python -m pip check --disable-pip-version-check
	@$(VENV)/bin/dbt-spark-python class-archive || echo "Going on without it."
	touch $@

# A profile of one's own wins: DBT_PROFILES_DIR, profiles.yml here, or ~/.dbt. Else the example is used as it is.
profile:
	@if [ -n "$$DBT_PROFILES_DIR" ] || grep -qs '^customer_segmentation:' "$$HOME/.dbt/profiles.yml"; then \
		if [ -L profiles.yml ]; then rm profiles.yml; fi; \
	elif [ ! -e profiles.yml ]; then ln -s profiles.yml.example profiles.yml; fi
