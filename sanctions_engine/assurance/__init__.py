"""Rules as tested code: lint, coverage, and what else tells an author whether a rulebook can be trusted."""
