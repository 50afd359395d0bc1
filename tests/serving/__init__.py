"""Tests of what TF Serving needs, and of the client."""
