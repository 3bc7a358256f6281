"""Our Prefect worker: it is patient when a run cannot begin, and begins it in a process that has imported all."""
