"""The stock recipe with a market beside the prices: what is drawn, begun at, merged, fitted again, published and verified."""

import json

import numpy as np
import pytest

from recipes.publishing import add_tflite
from recipes.stocks import forecast as stock_forecast
from recipes.stocks import measure_again
from recipes.stocks import publish as stock_publish
from recipes.stocks import walk_forward as stock_walk_forward
from recipes.stocks.merge import merge
from recipes.stocks.training import AbsentBatches, start_at_har
from seqzoo.data.market_windows import FLAGS, WIDE_FEATURES, without
from seqzoo.data.price_windows import FEATURES, STEPS
from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster, VolatilityForecaster
from seqzoo.tasks.stock_forecasting.walk_forward import FILE, dump_years, load_years
from tests.stock_prices import frame

RANDOM = np.random.default_rng(0)
SEQUENCE = RANDOM.normal(size=(64, STEPS, len(WIDE_FEATURES)))
SEQUENCE[:, :, -2:] = 1.0


def forecaster(seed, kind=VolatilityForecaster, **config):
    model, random = kind({"units": 3, "seed": seed, "market": True} | config), np.random.default_rng(seed)
    model.load_tensors({k: random.normal(0, 0.2, v.shape).astype(np.float32) for k, v in model.tensors().items()})
    return model


@pytest.mark.parametrize(
    "config", [{}, {"cell": "rnn", "layers": 2}, {"cell": "gru", "layers": 2, "market": False}], ids=["lstm", "rnn", "gru"]
)
def test_a_merged_network_answers_the_mean_of_its_members(config):
    members = [forecaster(seed, **config) for seed in range(3)]
    merged = merge(members)
    given = SEQUENCE[:5] if config.get("market", True) else SEQUENCE[:5, :, : len(FEATURES)]
    expected = np.mean([member.raw_outputs(given) for member in members], axis=0)
    np.testing.assert_allclose(merged.raw_outputs(given), expected, rtol=1e-4, atol=1e-5)
    assert merged.config["units"] == 9 and np.ptp([member.raw_outputs(given)[0, 0] for member in members]) > 1e-3


def test_networks_of_several_forms_are_not_merged():
    for other in (forecaster(1, units=4), forecaster(1, QuantileForecaster)):
        with pytest.raises(ValueError, match="must differ in their seed alone. Received: "):
            merge([forecaster(0), other])


def test_the_share_that_lacks_something_is_drawn_anew_each_epoch():
    sequence = np.repeat(SEQUENCE[:1], 4000, axis=0).astype(np.float32)
    batches = AbsentBatches(sequence, np.zeros((4000, 1)), 4000, 0, absent=0.4)
    rows = np.arange(4000)
    seen = [batches.batch(rows, epoch)[0][:, -1, -len(FLAGS) :] for epoch in (0, 1, 0)]
    for flags in seen:
        share = [np.mean((flags == case).all(axis=1)) for case in ((1, 1), (0, 1), (1, 0), (0, 0))]
        np.testing.assert_allclose(share, [0.6, 0.1, 0.1, 0.2], atol=0.03)
    assert (seen[0] != seen[1]).any() and (seen[0] == seen[2]).all()
    assert (sequence == SEQUENCE[0].astype(np.float32)).all(), "the examples themselves stay whole"


def test_the_start_is_a_har_model_and_finds_the_line_that_made_the_targets():
    model, random = VolatilityForecaster({"units": 3, "market": True}), np.random.default_rng(1)
    sequence = random.normal(size=(4000, STEPS, len(WIDE_FEATURES)))
    sequence[:, :, -2:] = 1.0
    line = np.zeros(len(WIDE_FEATURES))
    line[: len(WIDE_FEATURES) - 4] = random.normal(0, 0.2, len(WIDE_FEATURES) - 4)  # nothing of what may be absent
    line[16:] = 0
    target = sequence[:, -1] @ line + 0.3
    start_at_har(model, sequence, target[:, None])
    kernel = model.tensors()["head/kernel"]
    assert (kernel[:3] == 0).all(), "what it takes of the state is 0"
    for given in (sequence[:50], without(sequence[:50], True, True), without(sequence[:50], vix=True)):
        np.testing.assert_allclose(model.raw_outputs(given)[:, 0], target[:50], atol=0.02)


def test_weights_by_year_are_read_as_they_were_written():
    given = {day: {"head/kernel": RANDOM.normal(size=(2, 1)).astype(np.float32)} for day in ("2020-01-01", "2019-01-01")}
    found = load_years(dump_years(given))
    assert list(found) == ["2019-01-01", "2020-01-01"]
    for day, tensors in given.items():
        np.testing.assert_array_equal(found[day]["head/kernel"], tensors["head/kernel"])


@pytest.mark.parametrize(
    "given, message",
    [
        ("--market GSPC --data sample", "--market and --vix name files in --data-dir. Received: --data sample"),
        ("--absent 0.2 --data-dir x", "--absent goes with --market or --vix. Received: neither"),
        ("--members 2 --task quantiles --data-dir x", "--members go with --task volatility. Received: --task quantiles"),
    ],
)
def test_options_that_do_not_go_together(given, message, capsys):
    with pytest.raises(SystemExit):
        stock_forecast.parse(given.split())
    assert message in capsys.readouterr().err


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    """A folder with two tickers, an index and a VIX."""
    folder = tmp_path_factory.mktemp("prices")
    for seed, name in enumerate(("A", "B", "GSPC")):
        frame(820, seed).to_csv(folder / f"{name}.csv")
    vix, table = np.round(16 + 4 * np.sin(np.arange(820) / 15), 2), frame(820)
    for name in ("Open", "High", "Low", "Close"):
        table[name] = vix
    table.to_csv(folder / "VIX.csv")
    return folder


def test_from_prices_and_market_to_a_verified_zoo_model(prices, tmp_path, capsys):
    pytest.importorskip("arch")
    from seqzoo.zoo import read_card, verify_model

    run, zoo = tmp_path / "run" / "volatility", tmp_path / "zoo"
    command = f"--data-dir {prices} --tickers A B --task volatility --market GSPC --vix VIX --start har --fit all --members 2 "
    command += "--train-end 2016-12-30 --validation-end 2017-06-30 --test-end 2018-02-20 --units 2 --batch-size 128 --epochs 1 "
    assert stock_forecast.main(f"{command} --no-saved-model --output {run.parent}".split()) == 0
    assert "not judged: it was fitted to the validation part" in capsys.readouterr().out
    assert read_card(run / "model")["architecture"]["units"] == 4, "two members of two units"
    path = stock_walk_forward.fit_years(run, prices)
    assert list(load_years(path.read_bytes())) == ["2018-01-01"]
    command = f"tiny {run} --data-dir {prices} --no-garch --output {zoo} --aside files:A:2017-10-02:2017-12-25"
    assert stock_publish.main(command.split()) == 0
    card = read_card(zoo / "tiny")
    assert set(card["metrics"]) == {"test", "seeds", "no_market", "no_vix", "prices_alone", "walk_forward"}
    assert len({json.dumps(card["metrics"][key]) for key in set(card["metrics"]) - {"seeds"}}) == 5, "five answers of their own"
    refitted = [row for row in card["baselines"] if "refitted" in row["name"]]
    assert len(refitted) == 4 and all({"t", "t_walk_forward"} <= set(row) for row in refitted)
    assert "--members 2" in card["command"] and "stocks.walk_forward" in card["command"] and card["market"]["vix"] == "VIX"
    weights = (zoo / "tiny" / "weights.safetensors").read_bytes(), (zoo / "tiny" / "golden.json").read_bytes()
    rows = measure_again.measure_again(zoo / "tiny", prices)
    again = read_card(zoo / "tiny")
    names = {row["name"]: row for row in rows}
    assert [names[row["name"]] for row in card["baselines"]] == card["baselines"], "what publish measured, measured again"
    assert set(names) - {row["name"] for row in card["baselines"]} == {"GARCH(1,1)-t", "GJR-GARCH(1,1,1)-t"}
    assert all({"t", "t_walk_forward"} <= set(row) for row in again["baselines"]) and again["metrics"] == card["metrics"]
    assert again["command"].splitlines() == [
        *card["command"].splitlines(),
        "python -m recipes.stocks.measure_again tiny --data-dir DIR",
    ]
    assert weights == ((zoo / "tiny" / "weights.safetensors").read_bytes(), (zoo / "tiny" / "golden.json").read_bytes())
    add_tflite.add_files(add_tflite.parse([str(zoo / "tiny"), "--data-dir", str(prices), "--file", "interpreter:dynamic"]))
    checks = {check.name: check for check in verify_model(zoo / "tiny", prices)}
    assert [check for check in checks.values() if not check.ok] == []
    refit = "HAR-log with leverage, refitted weekly"
    assert {"market data", "no_vix qlike", "yearly refit qlike", f"{refit} qlike", f"{refit} t_walk_forward"} <= set(checks)
    assert FILE in read_card(zoo / "tiny")["files"]
    text = (zoo / "tiny" / "README.md").read_text()
    assert "| **tiny, without the VIX** |" in text and "of the yearly refit" in text and "market=market, vix=vix" in text
    assert "The spread is that of one seed only." in text
