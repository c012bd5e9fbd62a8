# How to run, test and measure Mandate. `make` alone lists the targets.
# Each target is a script in scripts/, which says what it does and how long it took.

.DEFAULT_GOAL := help
.PHONY: help run test check look prove reset bench demo-attack

help: ## list the targets
	@echo "Mandate: an agent that acts for a person, within what that person allowed."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: ## build what changed and start the three sites (needs rustup and a C compiler)
	@scripts/run

test: ## formatting, lints, all tests on SQLite and PostgreSQL, browser tests (TEST=rust: without Node.js and Chromium)
	@scripts/test

check: ## formatting, lints, and that every defence patch still applies
	@scripts/check

look: ## every state of every page: accessibility, and screenshots in end2end/results/look/index.html
	@scripts/look

prove: ## remove each defence in turn and check that its test fails (LINES="33 13" for some)
	@scripts/prove $(LINES)

reset: ## start over with an empty DATA_DIR (default ./data)
	@scripts/reset

bench: ## release build, and a table of measurements
	@scripts/bench

demo-attack: ## send forged orders to the running program and print its answers
	@scripts/demo-attack
