"""The workbench: pages under `/_pixelpact/` that show what was asked of a mock, and let people try and switch."""
