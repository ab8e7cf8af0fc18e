"""What a run of `recipes.stocks.forecast` writes at its end: figures, plots, a page, the model's folder."""

import numpy as np

from seqzoo.files import write_atomically
from seqzoo.tasks.stock_forecasting.figures import rounded

# Too good is wrong: no daily model is known to do better, and leaks do (features of the target day: QLIKE
# ratio 0.67).
TOO_GOOD = {"qlike_to_har": 0.85, "price_rmse_ratio": 0.98, "direction": 55.0}


class LeakWarning(UserWarning):
    """Results too good to be true."""


def finish(model, folder, history, arguments, series, split, parts, beside=None):
    """Judge a trained forecaster beside its baselines and write everything into its run folder.

    One that was fitted to the validation part as well is judged on the test part or, without `--test`, not at all.
    """
    from seqzoo.zoo.folder import save_folder

    from .card import golden_windows, stock_card
    from .page import report_page
    from .plots import write_plots

    name = f"{series.name}-{arguments.cell}-{folder.arguments['task']}-{arguments.seed}"

    def save(metrics, baselines):
        card = stock_card(name, folder.arguments, series, split, parts, metrics, baselines, beside=beside)
        golden = golden_windows(wide=model.takes_market)
        save_folder(model, folder.path / "model", card, golden, overwrite=True, saved_model=arguments.saved_model)

    part = "test" if arguments.test else "validation"
    if arguments.fit == "all" and not arguments.test:
        folder.write_json("metrics.json", {"history": history})
        save({}, [])
        print(f"Run: {folder.path}   model: {folder.path / 'model'}   not judged: it was fitted to the validation part")
        return
    print(f"Judging {len(parts[part]):,} forecasts and fitting the baselines ...", flush=True)
    judged = judge(model, series, split, parts[part], arguments.garch, beside)
    metrics = {part: rounded(judged["figures"])}
    baselines = baseline_rows(judged, part)
    skill = no_skill(model, series, parts[part])
    everything = {
        "history": history,
        **metrics,
        "baselines": baselines,
        "against": judged["against"],
        "by_ticker": judged["by_ticker"],
        "price": skill,
    }
    folder.write_json("metrics.json", everything)
    table = table_of(model.task, metrics[part], baselines)
    print(report_text(model.task, part, metrics[part], table, skill))
    print(against_text(judged["against"], baselines, table[0][0]))
    pictures = write_plots(model, folder.path, judged, series, parts[part])
    page = report_page(model.task, part, metrics[part], table, skill, folder.path, pictures, everything)
    write_atomically(folder.path / "report.html", page)
    save(metrics, baselines)
    print(f"Run: {folder.path}   model: {folder.path / 'model'}   report: {folder.path / 'report.html'}")
    warn_if_too_good(metrics[part], skill)


def judge(model, series, split, examples, garch=True, beside=None):
    """Forecasts, figures, baselines and figures by ticker of a forecaster on some examples."""
    from seqzoo.tasks.stock_forecasting.figures import quantile_figures, volatility_figures
    from seqzoo.tasks.stock_forecasting.scores import diebold_mariano, loss

    from .baselines import quantile_baselines, variance_baselines

    forecast = model.predict_features(examples.sequence, examples.anchor)
    if model.task == "stock-volatility":
        forecasts = variance_baselines(series, split, examples, garch, beside)
        reference, forecast = forecasts["HAR-log"], forecast[:, 0]

        def figures(values):
            return volatility_figures(values, examples, reference)
    else:
        forecasts, figures = (
            quantile_baselines(series, split, examples, garch),
            lambda q: quantile_figures(q, examples),
        )

    forecasts = {"this model": forecast, **forecasts}
    by_ticker = {}
    losses_of = {name: loss(model.task, values, examples) for name, values in forecasts.items()}
    for name, losses in losses_of.items():
        by_ticker[name] = {
            str(ticker): round(float(losses[examples.ticker == ticker].mean()), 5) for ticker in np.unique(examples.ticker)
        }
    found = {name: figures(values) for name, values in forecasts.items()}
    mine = losses_of["this model"]
    return {
        "figures": found.pop("this model"),
        "against": {name: round(diebold_mariano(mine, losses_of[name], examples.day), 3) for name in found},
        "baselines": found,
        "by_ticker": by_ticker,
        "forecasts": forecasts,
    }


def baseline_rows(judged, part="test"):
    """The baselines of `judge` as a card states them: figures, and Diebold and Mariano's t of the model against each."""
    t, rows = judged["against"], judged["baselines"].items()
    return [{"name": name, "split": part, "figures": rounded(of), "t": t[name]} for name, of in rows]


def yearly_refit(path, model, series, split, examples, judged, rows):
    """Figures of the yearly refit in the file `path`; each of the baselines' `rows` gets Diebold and Mariano's t of it too."""
    from seqzoo.tasks.stock_forecasting.figures import measure_forecaster, rounded
    from seqzoo.tasks.stock_forecasting.scores import diebold_mariano, loss
    from seqzoo.tasks.stock_forecasting.walk_forward import load_years, walk_forward

    forecast = walk_forward(model, load_years(path.read_bytes()), examples)
    mine = loss(model.task, forecast, examples)
    for row in rows:
        theirs = loss(model.task, judged["forecasts"][row["name"]], examples)
        row["t_walk_forward"] = round(diebold_mariano(mine, theirs, examples.day), 3)
    return rounded(measure_forecaster(model, series, split, examples, forecast))


def no_skill(model, series, examples):
    """Price and direction, which nobody can forecast: the ratio of the price's RMSE to persistence, and
    shares of days.

    A quantile forecaster's median is taken as its forecast of the return; a volatility forecaster says
    nothing about it, so for it the mean return of the 250 days before is tried.
    """
    if model.task == "stock-quantiles":
        expected = model.predict_features(examples.sequence, examples.anchor)[:, 2]
    else:
        expected = np.empty(len(examples))
        for ticker in np.unique(examples.ticker):
            mine, frame = examples.ticker == ticker, series.frames[ticker]
            rows = np.searchsorted(frame.index.to_numpy().astype("datetime64[D]"), examples.asof[mine])
            price = np.log(frame["Close"].to_numpy())
            expected[mine] = (price[rows] - price[rows - 249]) / 249
    moved = np.sign(examples.returns) != 0
    error = np.exp(expected) - np.exp(examples.returns)  # relative to the last close, so that dear stocks do not decide
    still = 1 - np.exp(examples.returns)
    return {
        "price_rmse_ratio": round(float(np.sqrt(np.mean(error**2) / np.mean(still**2))), 5),
        "direction": round(100 * float(np.mean((expected > 0)[moved] == (examples.returns > 0)[moved])), 3),
        "always_up": round(100 * float(np.mean(examples.returns[moved] > 0)), 3),
    }


def warn_if_too_good(figures, skill):
    """Raises LeakWarning, which stops the recipe with its text, for results that only a leak gives."""
    reasons = []
    if figures.get("qlike_to_har", 1) < TOO_GOOD["qlike_to_har"]:
        reasons.append(f"QLIKE is {figures['qlike_to_har']:.3f} of HAR-log's (believable: above {TOO_GOOD['qlike_to_har']})")
    if skill["price_rmse_ratio"] < TOO_GOOD["price_rmse_ratio"]:
        reasons.append(f"the price's RMSE is {skill['price_rmse_ratio']:.3f} of persistence's (believable: about 1)")
    if skill["direction"] > max(TOO_GOOD["direction"], skill["always_up"] + 2):
        reasons.append(f"the direction is right on {skill['direction']:.1f} % of days (believable: up to 55)")
    if reasons:
        raise LeakWarning(f"These results are too good, so there is a leak: {'; '.join(reasons)}")


def table_of(task, figures, baselines):
    """(columns, rows) of the table of figures; a row is (name, figures), the lowest loss first."""
    if task == "stock-volatility":
        columns = ("qlike", "qlike_to_har", "tickers_better", "dm_t", "rmse", "mae")
    else:
        columns = ("pinball", "coverage_90", "coverage_90_least", "coverage_90_most", "coverage_50", "crossings")
    rows = [("this model", figures), *((of["name"], of["figures"]) for of in baselines)]
    return columns, sorted(rows, key=lambda row: row[1][columns[0]])


def against_text(against, baselines, figure):
    """How sure it is that this model is better than the best baseline."""
    best = min(baselines, key=lambda of: of["figures"][figure])["name"]
    t = against[best]
    verdict = "clearly better" if t < -2 else "clearly worse" if t > 2 else "no sure difference"
    return f"Against the best baseline, {best}: Diebold-Mariano t {t:.2f}, {verdict} (below -2 is clearly better)"


def report_text(task, part, figures, table, skill):
    """The table of figures as text."""
    columns, rows = table
    lines = [f"{task}, {part} part: {figures['examples']:,} forecasts of {figures['tickers']} tickers"]
    lines.append(f"{'':36}" + "".join(f"{column:>18}" for column in columns))
    for name, of in rows:
        lines.append(f"{name:36}" + "".join(f"{of[column]:>18.4g}" for column in columns))
    if task == "stock-volatility":
        low, high = figures["qlike_to_har_low"], figures["qlike_to_har_high"]
        lines.append(f"QLIKE of this model to HAR-log, 95 % block bootstrap: {low:.3f} to {high:.3f}")
    lines.append(
        f"Price and direction (no skill, here or anywhere): RMSE {skill['price_rmse_ratio']:.4f} of persistence, direction "
        f"right on {skill['direction']:.1f} % of days, always-up on {skill['always_up']:.1f} %"
    )
    return "\n".join(lines)
