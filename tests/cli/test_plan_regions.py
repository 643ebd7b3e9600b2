"""`lowtide plan` in other regions: each with its own best plan, and which of them may take the job."""

import pytest
from harness import Lowtide
from plan_cases import AT, plan, policy


def test_regions_are_planned_each_by_itself_and_the_best_may_take_the_job(lowtide: Lowtide) -> None:
    ask = ("--duration", "3h", "--power", "1kW", "--within", "12h", "--location", "DE", "--at", AT)
    alone = plan(lowtide, *ask, source=())
    assert alone["regions"] is None and alone["best_region"] is None
    said = plan(lowtide, *ask, "--zones", "FR,PL,SE-SE3", source=())
    assert [one["region"] for one in said["regions"]] == ["SE-SE3", "FR", "DE", "PL"], "the least carbon first"
    assert said["best_region"] == "SE-SE3" and [one["home"] for one in said["regions"]] == [False, False, True, False]
    for one in said["regions"]:
        there = plan(lowtide, *ask[:6], "--location", one["region"], "--at", AT, source=())
        best = policy(there, there["best"])
        assert (one["job_g"], one["policy"], one["runs"]) == (pytest.approx(best["cost_g"]), there["best"], best["runs"])
        home = policy(said, said["best"])["cost_g"]
        assert one["saving_vs_home_pct"] == pytest.approx(100 * (1 - one["cost_g"] / home))
    text = lowtide("plan", *ask, "--zones", "FR,PL,SE-SE3").stdout
    assert "Best region: SE-SE3" in text and "attributed than the plan here" in " ".join(text.split())


def test_regions_keep_to_law_machines_and_what_moving_costs(lowtide: Lowtide) -> None:
    ask = ("--duration", "1h", "--power", "1kW", "--within", "2h", "--location", "FR", "--at", AT)
    legal = plan(lowtide, *ask, "--zones", "SE-SE3,GB,DE", "--legal", "EU", source=())
    assert [one["region"] for one in legal["regions"]] == ["SE-SE3", "FR", "DE"]
    assert legal["regions_left_out"] == [{"region": "GB", "why": "not in a legal country"}]
    (lowtide.folder / "offers.csv").write_text("region,sku\nDE,V100\nFR,A100\n")
    offered = plan(lowtide, *ask, "--zones", "SE-SE3,DE", "--sku", "V100", "--sku-file", "offers.csv", source=())
    assert offered["best_region"] == "DE" and {out["region"] for out in offered["regions_left_out"]} == {"FR", "SE-SE3"}
    moved = plan(lowtide, *ask, "--zones", "SE-SE3", "--transfer", "1TB", source=())
    costs = {one["region"]: (one["cost_g"], one["job_g"], one["transfer_g"]) for one in moved["regions"]}
    assert moved["best_region"] == "FR" and costs["FR"][2] == 0 and costs["SE-SE3"][2] > 0
    assert all(cost == pytest.approx(job_g + transfer) for cost, job_g, transfer in costs.values())
    assert "60" in moved["transfer_note"] or "0.06" in moved["transfer_note"]


def test_rules_for_regions_without_a_region_are_refused(lowtide: Lowtide) -> None:
    ask = ("plan", "--duration", "1h", "--power", "1kW", "--location", "FR")
    for flags, word in ((("--legal", "EU"), "--provider azure"), (("--transfer", "1GB"), "--zones A,B"),
                        (("--zones", "XX"), "--zones"), (("--provider", "ibm"), "aws, azure, gcp")):
        done = lowtide(*ask, *flags)
        assert done.returncode == 2 and word in done.stderr, done.stderr


def test_a_policy_that_is_asked_for_is_asked_for_everywhere(lowtide: Lowtide) -> None:
    """The double threshold learns from the hours before, in each region from its own."""
    ask = ("--duration", "3h", "--power", "1kW", "--within", "12h", "--pausable", "--location", "DE", "--at", AT)
    said = plan(lowtide, *ask, "--policy", "threshold", "--zones", "FR", source=())
    assert {one["region"]: one["policy"] for one in said["regions"]} == {"DE": "threshold", "FR": "threshold"}
    both = lowtide("plan", *ask, "--agree", "both", "--zones", "FR")
    assert both.returncode == 2 and "excludes" in both.stderr
