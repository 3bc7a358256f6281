"""From a source to Segments in the archive."""
