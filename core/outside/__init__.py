"""Requests to the servers of others."""
