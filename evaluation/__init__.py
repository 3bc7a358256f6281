"""Measurements of quality: speech on the sample broadcast, search on data that is not part of the project."""
