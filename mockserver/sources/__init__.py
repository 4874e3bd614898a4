"""Documents of the vendor: read, turned into schemas, examined, compared. Knows the contract, and nothing above it."""
