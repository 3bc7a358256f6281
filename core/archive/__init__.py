"""What lies in the archive of a recording, and how far it has come."""
