"""Where numbers come from: both sides as their studies noted them."""

import json

import forgetscope
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama


def study(tmp_path, name, models, *, n_documents=24):
    mirror = write_mirror(tmp_path / f"mirror-{name}", n_documents=n_documents)
    return forgetscope.evaluate(
        models, tasks=["blimp_causative"], data_dir=mirror, out=tmp_path / name
    )


def test_a_report_tells_how_both_sides_were_asked_and_by_which_commands(tmp_path):
    models = [str(save_tiny_llama(tmp_path / name, seed=i)) for i, name in enumerate("ab")]
    with study(tmp_path, "s", models) as opened:
        again = "forgetscope report s --margin 5pp"
        opened.report(tmp_path / "report", figures=("svg",), command=again)
    told = json.loads((tmp_path / "report" / "results.json").read_text())["provenance"]
    before, after = told["sides"]
    assert (before["label"], after["label"]) == ("a", "b")
    assert before["weights"] != after["weights"]
    for key in ("engine", "suite", "suite_fingerprint", "prompts", "seed", "versions"):
        assert before[key] == after[key], key
    assert before["prompts"]["items"] == 24
    assert before["chat_template"] is False
    assert told["commands"] == ([told["command"]] if told["command"] else [])
    assert again in (tmp_path / "report" / "report.html").read_text()
    assert (tmp_path / "report" / "figures" / "profile.svg").is_file()


def test_other_prompts_have_another_digest(tmp_path):
    from forgetscope.api.provenance import provenance_of

    model = [str(save_tiny_llama(tmp_path / "a"))]
    found = []
    for name, n in (("few", 12), ("more", 24), ("again", 24)):
        with study(tmp_path, name, model, n_documents=n) as opened:
            found.append(provenance_of([opened.side()])["sides"][0]["prompts"])
    few, more, again = found
    assert more == again
    assert few["fingerprint"] != more["fingerprint"]
