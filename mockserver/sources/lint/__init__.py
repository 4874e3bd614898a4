"""Pages and specifications held to each other, to themselves and to the contract."""
