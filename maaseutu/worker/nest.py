"""What every run needs, imported once in the process from which they are forked. To be imported there only."""

import gc
import importlib
import pkgutil
import threading

import anyio._backends._asyncio  # noqa: F401

import flows
from maaseutu.worker import nursery
from web import render

__all__ = ["nursery"]

for _module in pkgutil.iter_modules(flows.__path__):
    importlib.import_module(f"flows.{_module.name}")
render.compile_all()

# Of a thread only its locks would be left in a fork, held for ever. The pool of OpenBLAS, which ends itself before each
# fork, is not one of Python's.
if threading.active_count() > 1:
    raise RuntimeError(f"An import has started threads: {threading.enumerate()}.")

# What is never collected is never written to, and stays one piece of memory for all. Collecting as often as Python does
# would take a fifth of the time in which hours of speech are published: millions of records, and hardly any rubbish.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
