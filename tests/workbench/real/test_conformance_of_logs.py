"""Conformance of public logs with the usual way found in them, beside figures that others published for models they discovered.

Published-style figures (token replay). A service desk: inductive miner 1.000, with a noise threshold of 0.2 .988, heuristics
miner .839; loan applications: inductive miner .973. Those are other models: what is compared is how much of a log a found
model replays. Ours is the plan of `discover`, replayed as the net that `workbench.journeys.replay` describes.
"""

import pytest

import workbench as wb

j = wb.journeys
HELPDESK, BPI = "helpdesk/helpdesk.xes.gz", "bpic2012/bpic2012.xes.gz"


@pytest.mark.parametrize(
    ("file", "n", "noise", "at_least"),
    # the figures above that a found model is to reach; at 0.1 more is left out as noise than the inductive miner left out
    [(HELPDESK, 4_580, 0.05, 0.988), (HELPDESK, 4_580, 0.1, 0.839), (BPI, 13_087, 0.1, 0.973)],
)
def test_fitness_beside_published_figures(loaded, file, n, noise, at_least):
    study = loaded(file)[1]
    result = j.conformance(study, plan=j.discover(study, noise=noise), seconds=600)
    replay = result.replayed()
    print(f"\n{file}, noise {noise}: {result.fitness:.3f} by alignments, {replay.fitness:.3f} by token replay, {n:,} journeys")
    assert result.n_aligned == replay.n == n and result.costs["n"].sum() == n
    assert replay.fitness >= at_least
    assert result.fitness_low < result.fitness < result.fitness_high <= 1
    # what is too many or missing is told once, by departure and by journey
    assert result.frame["cost"].sum() == (result.costs["cost"] * result.costs["n"]).sum()


def test_the_usual_way_of_a_service_desk(loaded):
    study = loaded(HELPDESK)[1]
    plan = j.discover(study)
    # the most frequent variant (2,366 of 4,580) and the wait that many have are in it
    assert {one.touchpoint: one.order for one in plan.steps} == {
        "Assign seriousness": 1, "Take in charge ticket": 2, "Wait": 2, "Resolve ticket": 3, "Closed": 4,
    }  # fmt: skip
    assert [one.touchpoint for one in plan.steps if one.optional] == ["Wait"]
    result = j.conformance(study, plan=plan)
    assert result.costs.loc[0, "n"] >= 2_366  # all journeys of that variant fit


def test_a_time_too_short_is_said(loaded):
    study = loaded(BPI)[1]
    result = j.conformance(study, plan=j.discover(study), seconds=0.05)
    # the most frequent variant, of 3,429 journeys, comes first
    assert 3_429 <= result.n_aligned < 13_087
    assert result.costs.set_index("kind").loc["not_computed", "n"] == 13_087 - result.n_aligned
    assert result.caveats[0].key in {"conformance.caveat.not_aligned", "conformance.caveat.unseen"}
