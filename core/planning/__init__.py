"""Broadcasts that are to come."""
