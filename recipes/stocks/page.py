"""The page of a run of `recipes.stocks.forecast`: figures beside the baselines', pictures, all of it in one file."""

import base64
import json

from seqzoo.insight.pages import render

# What a column is called on the page, and what it says.
COLUMNS = {
    "qlike": ("QLIKE", "the loss; lower is better"),
    "qlike_to_har": ("to HAR-log", "QLIKE over that of HAR-log; below 1 is better than it"),
    "tickers_better": ("tickers better", "tickers with a lower QLIKE than HAR-log's"),
    "dm_t": ("DM t", "Diebold-Mariano t of the loss against HAR-log's; below -2 is clearly better, above 2 clearly worse"),
    "rmse": ("RMSE", "of the annualised volatility, in points of per cent"),
    "mae": ("MAE", "mean absolute error of the annualised volatility, in points of per cent"),
    "pinball": ("pinball", "the loss, in thousandths of log return; lower is better"),
    "coverage_90": ("in 90 % band", "per cent of days between the 5 % and the 95 % quantile; should be 90"),
    "coverage_90_least": ("least", "the same, of the ticker with the least"),
    "coverage_90_most": ("most", "the same, of the ticker with the most"),
    "coverage_50": ("in 50 % band", "per cent of days between the 25 % and the 75 % quantile; should be 50"),
    "crossings": ("crossings", "forecasts whose quantiles are out of order"),
}
TITLES = {"stock-volatility": "Tomorrow's volatility", "stock-quantiles": "Quantiles of tomorrow's return"}


def report_page(task, part, figures, table, skill, folder, pictures, everything):
    """The page's source, which loads nothing.

    Args:
        task: of the model. part: of the calendar that was judged. figures: the model's.
        table: (columns, rows) from `recipes.stocks.report.table_of`.
        skill: from `recipes.stocks.report.no_skill`.
        folder, pictures: where the PNG files lie, and (name, what it shows) of each.
        everything: the run's metrics.json.
    """
    columns, rows = table
    return render(
        __package__,
        "report.html",
        policy="default-src 'none'; style-src 'unsafe-inline'; img-src data:",
        title=TITLES[task],
        part=part,
        figures=figures,
        columns=[COLUMNS[column] for column in columns],
        rows=[(name, [f"{of[column]:.4g}" for column in columns]) for name, of in rows],
        skill=skill,
        pictures=[(base64.b64encode((folder / name).read_bytes()).decode(), what) for name, what in pictures],
        everything=json.dumps(everything, indent=1),
        style=f"{__package__}/report.css",
    )
