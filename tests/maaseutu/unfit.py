"""What cannot be imported by the process from which runs are forked."""

raise RuntimeError("An import has started threads.")
