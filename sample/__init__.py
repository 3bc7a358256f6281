"""A sample broadcast made for this project, and a server that plays it as a live stream."""
