"""Hours of mixed calls at half of what the mock can do: nothing may break, grow or slow down."""
