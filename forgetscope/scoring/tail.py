"""The end of a pass: what the last layer need not compute, because nobody asks for it.

Behind the last attention every token is on its own. A pass that reads hundreds of tokens to predict
behind a few sends these few alone through the rest of the layer, most of which is its MLP.

Axes: N tokens of a pass, K tokens that are asked for, D numbers of a hidden state.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

__all__ = ["Tail"]

_FEW = 0.75
"""Share of the tokens from which on leaving the others out does not pay."""


class Tail:
    """The MLP of a model's last layer; nothing where the model has none that works by token.

    Parameters
    ----------
    model
        A `transformers` model.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401  untyped library
        self._mlp = _last_mlp(model)

    @contextmanager
    def only(self, keep_K: Tensor, *, n_tokens: int) -> Iterator[None]:
        """Compute it for some tokens alone within this block; the others come out as zeros.

        Parameters
        ----------
        keep_K
            Places of the tokens in the pass, which is one row.
        n_tokens
            All tokens of the pass.
        """
        if self._mlp is None or len(keep_K) > _FEW * n_tokens:
            yield
            return
        mlp, own = self._mlp, self._mlp.forward
        # experts are not made for no token at all
        some_K = keep_K if len(keep_K) else keep_K.new_zeros(1)

        def narrowed(hidden_1ND: Tensor) -> Any:  # noqa: ANN401  some return more than a tensor
            if hidden_1ND.shape[:-1] != (1, n_tokens):
                return own(hidden_1ND)
            found = own(hidden_1ND[:, some_K])
            if not isinstance(found, Tensor):
                self._mlp = None
                return own(hidden_1ND)
            whole_1ND = torch.zeros_like(hidden_1ND)
            whole_1ND[:, some_K] = found
            return whole_1ND

        mlp.forward = narrowed
        try:
            yield
        finally:
            del mlp.forward


def _last_mlp(model: Any) -> Any:  # noqa: ANN401  untyped library
    """Return the MLP of the last layer; `None` where there is none, or it is called otherwise."""
    decoder = model.get_decoder() if hasattr(model, "get_decoder") else None
    layers = getattr(decoder, "layers", None)
    mlp = getattr(layers[-1], "mlp", None) if layers else None
    # weights that are fetched when they are needed come with a `forward` of their own
    is_plain = isinstance(mlp, torch.nn.Module) and "forward" not in vars(mlp)
    return mlp if is_plain else None
