"""Train on every process that `accelerate launch` started, watched, and tell where each stopped.

Usage: watched_by_two.py BASE OUT
"""

import json
import sys
from pathlib import Path

from forgetscope import ForgettingCallback
from tests.api.test_callback import SUITE, trainer_of


def main(base: str, out: Path) -> None:
    told = {}
    for name, source in (("forgot", base), ("broken", str(out / "nowhere"))):
        how = {"stop_on": "forgot"} if name == "forgot" else {"on_error": "raise"}
        callback = ForgettingCallback(study=out / name, base=source, **SUITE, **how)
        trainer = trainer_of(base, out / f"run-{name}", callback, steps=6, lr=0.05)
        try:
            trainer.train()
            error = ""
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
        told[name] = {
            "step": trainer.state.global_step,
            "error": error,
            "has_diagnosis": callback.diagnosis is not None,
            "n": trainer.args.world_size,
        }
    (out / f"told-{trainer.args.process_index}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
