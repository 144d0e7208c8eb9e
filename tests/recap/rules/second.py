"""The published rules and `advantage` a second time, from arrays, for comparison."""

import numpy as np
from scipy.special import softmax

from tests.recap.rules.made import OBJECTIVES


def code_weights(histories, *, temperature=5.0, alpha=0.5, sign="lagging", floor=0.0, window=10):
    c_K, i_K = [], []
    for objective in sorted(histories):
        value_N = _even(np.array(histories[objective])[-2 * window :])
        if len(value_N) < 2:
            c_K.append(1.0)
            i_K.append(0.0)
            continue
        c = _ratio(value_N, OBJECTIVES[objective], floor)
        c_K.append(c if sign == "lagging" else 1 / c)
        i_K.append(value_N.std() / (value_N.mean() + floor))
    parts_K = [softmax(np.array(x_K) / temperature) for x_K in (c_K, i_K)]
    return len(c_K) * (alpha * parts_K[0] + (1 - alpha) * parts_K[1])


def _even(value_N):
    return value_N[len(value_N) % 2 :] if len(value_N) > 1 else value_N


def _ratio(value_N, kind, floor):
    """What lags: rewards old over new, losses new over old; within a tenth and ten."""
    old, new = np.split(value_N, 2)
    log = np.log(new.mean() + floor) - np.log(old.mean() + floor)
    return np.exp(np.clip(log if kind == "loss" else -log, -np.log(10), np.log(10)))


def paper_weights(histories, *, temperature=5.0, alpha=None, floor=0.0, window=10):
    names = sorted(histories)
    is_ready_K = np.array([len(histories[name]) >= 2 * window for name in names])
    weight_K = np.ones(len(names))
    if not is_ready_K.any():
        return weight_K
    score_K = []
    for name in np.array(names)[is_ready_K]:
        loss_N = np.array(histories[name][-2 * window :])
        if OBJECTIVES[str(name)] == "reward":
            loss_N = 1 - loss_N
        mean_2 = loss_N.reshape(2, window).mean(axis=1) + floor
        low = np.maximum(mean_2, 1e-6)
        c = np.clip(low[0] / low[1], 0.1, 10)
        i = loss_N.std(ddof=1) / max(mean_2.sum(), 2e-6)
        score_K.append(c + i if alpha is None else alpha * c + (1 - alpha) * i)
    weight_K[is_ready_K] = is_ready_K.sum() * softmax(np.array(score_K) / temperature)
    return weight_K


def advantage_weights(histories, *, temperature=0.2, alpha=0.5, floor=0.05, window=10):
    score_K = []
    for objective in sorted(histories):
        value_N = np.array(histories[objective][-2 * window :])
        nats_N = value_N if OBJECTIVES[objective] == "loss" else np.log(1 / (value_N + floor))
        if len(nats_N) < 2:
            score_K.append(0.0)
            continue
        half_2N = np.array(np.split(_even(nats_N), 2))
        setback = np.diff(half_2N.mean(axis=1))[0]
        unrest = np.sqrt(half_2N.var(axis=1).mean())
        score_K.append(alpha * setback + (1 - alpha) * unrest)
    return len(score_K) * softmax(np.array(score_K) / temperature)
