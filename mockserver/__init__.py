"""Pixelpact holds an image-generation API to its word, down to the pixel."""
