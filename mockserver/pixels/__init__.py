"""Pictures: drawn, edited, encoded, decoded, measured."""
