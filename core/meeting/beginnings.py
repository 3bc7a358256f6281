"""How likely each item of an agenda begins with each Passage, over all ways of dividing the broadcast. Pure.

A broadcast is about one item after another, or about none before the first. What speaks for a way of dividing it are
the words of each Passage for its item, what speaks for each beginning, less what taking an item up costs; its
probability is as the exponential of the sum (a linear-chain conditional random field: Lafferty, McCallum & Pereira
2001). Sums over all ways are those of the forward-backward algorithm (Rabiner 1989), scaled at each Passage.
"""

import numpy as np
from numpy.typing import NDArray

SHARPNESS = 5.0
TAKING, LEAVING_OUT, GOING_BACK = 0.6, 0.1, 1.4
"""What one unit of evidence is in nats, and what taking an item up costs: found on evaluation.meetings."""

Floats = NDArray[np.float64]


def likely(about: Floats, begins: Floats) -> Floats:
    """The probability that each item begins with each Passage (passages, items).

    ``about`` (passages, items) is how much speaks for a Passage's being about an item, ``begins`` for its beginning.
    The last state is no item, which is only before the first.
    """
    passages, items = about.shape
    none = np.zeros((passages, 1))
    saying = np.exp(SHARPNESS * np.hstack([about, none]))
    taking = saying * np.hstack([np.exp(SHARPNESS * begins), none])
    going = np.exp(-SHARPNESS * _costs(items))
    so_far = np.append(np.zeros(items), 1.0)
    taken = np.empty((passages, items + 1))
    scales = np.empty(passages)
    for at in range(passages):
        new = (so_far @ going) * taking[at]
        so_far = so_far * saying[at] + new
        scales[at] = so_far.sum()
        so_far = so_far / scales[at]
        taken[at] = new / scales[at]
    to_come = np.ones(items + 1)
    for at in range(passages - 1, -1, -1):
        taken[at] *= to_come
        to_come = (saying[at] * to_come + going @ (taking[at] * to_come)) / scales[at]
    return taken[:, :items]


def _costs(items: int) -> Floats:
    """What it costs to go from an item (row; the last: none yet) to another; at most a choice among all."""
    order = np.append(np.arange(items), -1)
    step = order[None, :] - order[:, None]
    any_other = np.log(items) / SHARPNESS
    costs = TAKING + np.minimum(LEAVING_OUT * (step - 1), any_other)
    costs = np.where(step <= 0, TAKING + any_other + GOING_BACK, costs)
    np.fill_diagonal(costs, np.inf)
    costs[:, -1] = np.inf
    return np.asarray(costs, dtype=np.float64)
