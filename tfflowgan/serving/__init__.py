"""What TF Serving needs beside a SavedModel: requests to warm up with, and configuration files."""
