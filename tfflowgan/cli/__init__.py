"""The commands: thin, each one parses flags and calls the package."""
