"""The cost model of `recipes.benchmarks.distributed`, by hand, and its table from given figures."""

import json

import pytest

from recipes.benchmarks.distributed import COUNTS, SPEEDS, efficiency, loopback, main


def test_a_ring_and_a_gathering_by_hand():
    # 1 MB in a ring of two at 1 Gbit/s, 125 MB a second: each byte goes once, 8 ms, in two messages of 1 ms.
    assert efficiency(0.01, 1e6, 0, 2, 1.0, 1e-3) == pytest.approx(10 / (10 + 8 + 2))
    # Of four machines each takes the rows of three others: 3 MB, 24 ms, 3 messages; the ring 1.5 times 1 MB, 12 ms, 6 messages.
    assert efficiency(0.01, 1e6, 1e6, 4, 1.0, 1e-3) == pytest.approx(10 / (10 + 24 + 3 + 12 + 6))
    assert efficiency(0.01, 1e6, 1e6, 1, 1.0) == 1


def test_more_machines_cost_more_and_a_faster_network_less():
    shares = [[efficiency(0.1, 4e6, 1e6, count, speed) for count in COUNTS] for speed in SPEEDS]
    for slow, fast in zip(*shares, strict=True):
        assert slow < fast
    assert all(row == sorted(row, reverse=True) for row in shares)


def test_tables_from_given_figures(tmp_path, capsys):
    one = {"seconds": 0.05, "loopback": 0.0, "dense": None, "sparse": None}
    two = {"seconds": 0.06, "loopback": 2.5e6, "dense": 1_000_000, "sparse": 250_000}
    (tmp_path / "given.json").write_text(json.dumps({"text classifier": {"1": one, "2": two}}))
    main(["--given", str(tmp_path / "given.json"), "--output", str(tmp_path / "out.json")])
    said = capsys.readouterr().out
    assert "| text classifier | 2 | 60 | 1.20 | 1.000, 0.250 | 2.500 |" in said
    expected = " | ".join(f"{100 * efficiency(0.05, 1e6, 250e3, n, speed):.0f}" for speed in SPEEDS for n in COUNTS)
    assert f"| text classifier | {expected} |" in said and "A model, not a measurement" in said
    assert json.loads((tmp_path / "out.json").read_text())["text classifier"]["2"] == two


def test_bytes_of_the_loopback_are_counted():
    assert loopback() >= 0
