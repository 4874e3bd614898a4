"""The mock: endpoint, keys, artefacts, errors and journal."""
