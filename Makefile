# How Mandate is run, tested and measured. `make` alone says what there is.
# Each target is a script in scripts/, which says what it does and how long it took.

.DEFAULT_GOAL := help
.PHONY: help run test check prove reset bench demo-attack

help: ## what can be made
	@echo "Mandate: an agent that acts for a person, within what that person allowed."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: ## build what has changed and start the three sites (needs rustup and a C compiler)
	@scripts/run

test: ## everything: formatting, lints, all tests on SQLite and PostgreSQL, the browser (needs Node.js 20 besides)
	@scripts/test

check: ## formatting, lints, and that every defence patch still applies
	@scripts/check

prove: ## take every defence away, one at a time, and see that a test fails (LINES="33 13" for some)
	@scripts/prove $(LINES)

reset: ## start over: empty DATA_DIR (default ./data)
	@scripts/reset

bench: ## build for release and print one table of what it measures
	@scripts/bench

demo-attack: ## send forged orders to the running program and show its answers
	@scripts/demo-attack
