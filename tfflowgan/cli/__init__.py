"""The commands. Each is thin: it parses flags and calls the package."""
