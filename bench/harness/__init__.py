"""The runner behind bench/run: builds, starts servers, loads them, reads what they cost, writes the table."""
