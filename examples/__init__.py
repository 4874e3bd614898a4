"""Programs to copy. A package only so that the acceptance of all clients can be run as one."""
