"""What any answer must satisfy, and the message when it does not."""
