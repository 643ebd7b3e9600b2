"""A run with a GPU that a plan moves."""

from curve import Flat
from gpus import Gpu
from harness import Site


def test_the_second_run_of_a_name_is_planned_though_no_pause_was_seen(tmp_path):
    """What a frozen job's GPU draws is learnt when it is frozen: until then it is left out, and said."""
    site = Site(tmp_path, [Gpu("GPU-1", Flat(300.0))])
    asked = ("--finish-within", "2x", "--pause", "freeze", "--name", "g", "--intensity", "100g/kWh", "--dry-run")
    site.run(1.0, options=("--name", "g"))
    said = " ".join(site.lowtide("run", *asked, "--", "true").split())
    assert "while the job is frozen is not known yet and not counted" in said, said
    said = " ".join(site.lowtide("run", *asked, "--idle-power", "90W", "--", "true").split())
    assert "not known yet" not in said and "held" in said, said
