"""Programs that put requests to a client. They run where the client is installed, and know nothing else of us."""
