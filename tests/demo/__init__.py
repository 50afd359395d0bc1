"""Tests of the page to look with."""
