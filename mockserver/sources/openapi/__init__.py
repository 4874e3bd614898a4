"""OpenAPI documents found and read, as far as pictures need it."""
