"""What people look at: templates, one stylesheet and small scripts, for the mock's workbench and the suite's report."""
