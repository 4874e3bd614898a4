"""The verbs of the `pixelpact` command."""
