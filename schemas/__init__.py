"""The contract as data: JSON Schemas of the models, read by `pixelpact.contract` alone."""
