"""Command groups, one module a subject; the command line registers them."""
