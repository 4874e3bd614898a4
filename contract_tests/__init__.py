"""The contract suite: judges any server of the endpoint from the wire alone."""
