"""What is promised: models, profiles, validation and the custom keywords."""
