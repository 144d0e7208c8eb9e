import forgetscope
from forgetscope.records import Verdict
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama


def test_three_lines_of_python_do_what_the_commands_do(tmp_path):
    mirror = write_mirror(tmp_path / "mirror", n_documents=24)
    models = [str(save_tiny_llama(tmp_path / name, seed=i)) for i, name in enumerate("ab")]
    with forgetscope.evaluate(
        models, tasks=["blimp_causative", "lambada_openai"], data_dir=mirror, out=tmp_path / "s"
    ) as study:
        comparison = study.compare("a", "b", margin=0.05)
        diagnosis = study.diagnose(margin=0.05)
        study.save_report(tmp_path / "report", margin=0.05)
    assert study.folder == tmp_path / "s"
    assert [cell.name for cell in comparison.domains] == ["language", "reading"]
    assert all(isinstance(cell.verdict, Verdict) for cell in comparison.domains)
    # one checkpoint after the base: the series is the same single comparison
    assert repr(diagnosis.comparisons[0]) == repr(comparison)
    assert (tmp_path / "report" / "report.html").is_file()


def test_changes_are_told_as_stories_with_both_answers(tmp_path):
    from forgetscope.api.stories import stories_of

    mirror = write_mirror(tmp_path / "mirror", n_documents=24)
    models = [str(save_tiny_llama(tmp_path / name, seed=i)) for i, name in enumerate("abc")]
    with forgetscope.evaluate(
        models, tasks=["arc_easy", "hellaswag"], data_dir=mirror, out=tmp_path / "s"
    ) as study:
        sides = [study.side(label) for label in study.labels]
        profiles = [side.profile() for side in sides]
        comparison = study.compare("a", "c")
        stories = stories_of(comparison, sides=sides, profiles=profiles)
    assert len(stories) == sum(cell.lost + cell.gained for cell in comparison.tasks)
    for story in stories:
        assert len(story.outcomes) == 3
        assert (story.outcomes[0], story.outcomes[2]) == (story.before.value, story.after.value)
        assert story.before.answer in story.item.choices
        right = story.before if story.before.value else story.after
        assert right.answer == story.item.gold
