"""The files of vendors of prices, written with their own header lines from one table."""

from tests.stock_prices import frame

FRAME = frame(80).round(2)
FRAME["Volume"] *= 10.0
MS = 86_400_000


def lines(header, row, table=FRAME, newest_first=False, end=""):
    """A file: `header`, and for each day `row(day, open, high, low, close, volume)`."""
    body = [row(day, *values) for day, *values in table.itertuples()]
    return "\n".join([*header, *(body[::-1] if newest_first else body)]) + "\n" + end


def _plain(day, o, h, lo, c, v):
    return f"{day:%Y-%m-%d},{o},{h},{lo},{c},{v:.0f}"


def _us(day):
    return f"{day:%m/%d/%Y}"


def _german(value):
    return f"{value:.2f}".replace(".", ",")


def _binance(scale):
    def row(day, o, h, lo, c, v):
        begin = day.value // 10**6 * scale
        return f"{begin},{o:.8f},{h:.8f},{lo:.8f},{c:.8f},{v:.8f},{begin + MS * scale - 1},1.5,12,0.5,0.75,0"

    return row


YFINANCE = ["Price,Close,High,Low,Open,Volume", "Ticker,AAPL,AAPL,AAPL,AAPL,AAPL", "Date,,,,,"]
BINANCE = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
CDD = ["https://www.CryptoDataDownload.com", "unix,date,symbol,open,high,low,close,Volume BTC,Volume USD"]
NEWEST = "the newest day is first"
MONTHS = "have the month first"

# name: (text, what is said to be assumed, in order; each a part of it)
LAYOUTS = {
    "yahoo": (
        lines(
            ["Date,Open,High,Low,Close,Adj Close,Volume"],
            lambda d, *x: f"{d:%Y-%m-%d},{x[0]},{x[1]},{x[2]},{x[3]},{x[3] / 2},{x[4]:.0f}",
        ),
        [],
    ),
    "yfinance": (lines(YFINANCE, lambda d, o, h, lo, c, v: f"{d:%Y-%m-%d},{c},{h},{lo},{o},{v:.0f}"), []),
    "yfinance by ticker": (
        lines(
            ["Ticker,AAPL,AAPL,AAPL,AAPL,AAPL", "Price,Open,High,Low,Close,Volume", "Date,,,,,"],
            _plain,
        ),
        [],
    ),
    "yfinance of 2023": (
        lines([",Open,High,Low,Close,Volume", ",AAPL,AAPL,AAPL,AAPL,AAPL", "Date,,,,,"], _plain),
        [],
    ),
    "yfinance Ticker.history": (
        lines(
            ["Date,Open,High,Low,Close,Volume,Dividends,Stock Splits"],
            lambda d, *x: f"{d:%Y-%m-%d} 00:00:00-0{5 - (d.month in (4, 5))}:00,{x[0]},{x[1]},{x[2]},{x[3]},{x[4]:.0f},0.0,0.0",
        ),
        [],
    ),
    "stooq": (lines(["Date,Open,High,Low,Close,Volume"], _plain), []),
    "stooq bulk": (
        lines(
            ["<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>"],
            lambda d, o, h, lo, c, v: f"AAPL.US,D,{d:%Y%m%d},000000,{o},{h},{lo},{c},{v:.0f},0",
        ),
        [],
    ),
    "stooq in Polish": (
        lines(["Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen"], _plain),
        ["Otwarcie is Open", "Najwyzszy is High", "Najnizszy is Low", "Zamkniecie is Close", "Wolumen is Volume", "Data is Date"],
    ),
    "alpha vantage": (lines(["timestamp,open,high,low,close,volume"], _plain, newest_first=True), [NEWEST]),
    "alpha vantage adjusted": (
        lines(
            ["timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient"],
            lambda d, o, h, lo, c, v: f"{d:%Y-%m-%d},{o},{h},{lo},{c},{c / 2},{v:.0f},0.0000,1.0",
            newest_first=True,
        ),
        ["adjusted_close is left aside", NEWEST],
    ),
    "alpha vantage in Python": (lines(["date,1. open,2. high,3. low,4. close,5. volume"], _plain, newest_first=True), [NEWEST]),
    "binance without header": (lines([], _binance(1)), ["no header", "milliseconds since 1970"]),
    "binance of 2025, microseconds": (lines([], _binance(1000)), ["no header", "microseconds since 1970"]),
    "binance with header": (lines([BINANCE], _binance(1)), ["open_time is Date", "milliseconds since 1970"]),
    "kraken": (
        lines([], lambda d, *x: f"{d.value // 10**9},{x[0]},{x[1]},{x[2]},{x[3]},{x[4]},17"),
        ["no header", "seconds since 1970"],
    ),
    "coinbase": (
        lines([], lambda d, o, h, lo, c, v: f"{d.value // 10**9},{lo},{h},{o},{c},{v}", newest_first=True),
        ["the columns are Date, Low, High, Open, Close, Volume", "seconds since 1970", NEWEST],
    ),
    "coinbase with header": (
        lines(
            ["time,low,high,open,close,volume"],
            lambda d, o, h, lo, c, v: f"{d.value // 10**9},{lo},{h},{o},{c},{v}",
            newest_first=True,
        ),
        ["seconds since 1970", NEWEST],
    ),
    "cryptodatadownload": (
        lines(
            CDD,
            lambda d, o, h, lo, c, v: f"{d.value // 10**9},{d:%Y-%m-%d} 00:00:00,BTC/USD,{o},{h},{lo},{c},{v},{v * c}",
            newest_first=True,
        ),
        ["the first line is no prices", "Volume BTC is Volume", NEWEST],
    ),
    "nasdaq": (
        lines(
            ["Date,Close/Last,Volume,Open,High,Low"],
            lambda d, o, h, lo, c, v: f"{_us(d)},${c:.2f},{v:.0f},${o:.2f},${h:.2f},${lo:.2f}",
            newest_first=True,
        ),
        ["Close/Last is Close", MONTHS, NEWEST],
    ),
    "nasdaq data link": (
        lines(
            ["Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,Adj. Open,Adj. High,Adj. Low,Adj. Close,Adj. Volume"],
            lambda d, *x: _plain(d, *x) + ",0.0,1.0,1,1,1,1,1",
        ),
        [],
    ),
    "investing.com": (
        lines(
            ['\ufeff"Date","Price","Open","High","Low","Vol.","Change %"'],
            lambda d, o, h, lo, c, v: f'"{_us(d)}","{c:,.2f}","{o:,.2f}","{h:,.2f}","{lo:,.2f}","{v / 1e6:.6f}M","-0.50%"',
            newest_first=True,
        ),
        ["Price is Close", MONTHS, NEWEST],
    ),
    "investing.com of 2020": (
        lines(
            ['"Date","Price","Open","High","Low","Vol.","Change %"'],
            lambda d, o, h, lo, c, v: f'"{d:%b %d, %Y}","{c}","{o}","{h}","{lo}","{v / 1e3:.3f}K","1.2%"',
            newest_first=True,
        ),
        ["Price is Close", NEWEST],
    ),
    "investing.com in German": (
        lines(
            ['"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"'],
            lambda d, o, h, lo, c, v: (
                f'"{d:%d.%m.%Y}","{_german(c)}","{_german(o)}","{_german(h)}","{_german(lo)}","{v / 1e3:.3f}K"'.replace(
                    f"{v / 1e3:.3f}K", f"{v / 1e3:.3f}K".replace(".", ",")
                )
                + ',"-0,5%"'
            ),
            newest_first=True,
        ),
        [
            "Eröffn. is Open",
            "Hoch is High",
            "Tief is Low",
            "Zuletzt is Close",
            "Datum is Date",
            "have the day first",
            NEWEST,
            "after a comma",
        ],
    ),
    "semicolons and decimal commas": (
        lines(
            ["Date;Open;High;Low;Close;Volume"],
            lambda d, o, h, lo, c, v: ";".join([f"{d:%d/%m/%Y}", _german(o), _german(h), _german(lo), _german(c), f"{v:.0f}"]),
        ),
        ["have the day first", "after a comma"],
    ),
    "ariva": (
        lines(
            ["Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen"],
            lambda d, o, h, lo, c, v: ";".join(
                [f"{d:%Y-%m-%d}", _german(o), _german(h), _german(lo), _german(c), f"{v:,.0f}".replace(",", "."), "1"]
            ),
            newest_first=True,
        ),
        [
            "Erster is Open",
            "Hoch is High",
            "Tief is Low",
            "Schlusskurs is Close",
            "Stuecke is Volume",
            "Datum is Date",
            NEWEST,
            "after a comma",
        ],
    ),
    "metatrader 5": (
        lines(
            ["<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>"],
            lambda d, o, h, lo, c, v: f"{d:%Y.%m.%d}\t{o}\t{h}\t{lo}\t{c}\t7\t{v:.0f}\t2",
        ),
        [],
    ),
    "metatrader 4": (
        lines([], lambda d, o, h, lo, c, v: f"{d:%Y.%m.%d},00:00,{o},{h},{lo},{c},{v:.0f}"),
        ["there is no header; the columns are Date, Open, High, Low, Close, Volume"],
    ),
    "google finance": (
        lines(
            ["Date,Open,High,Low,Close,Volume"],
            lambda d, o, h, lo, c, v: f"{d:%-d-%b-%y},{o},{h},{lo},{c},{v:.0f}",
            newest_first=True,
        ),
        [NEWEST],
    ),
    "google sheets": (
        lines(
            ["Date,Open,High,Low,Close,Volume"],
            lambda d, o, h, lo, c, v: f"{d.month}/{d.day}/{d.year} 16:00:00,{o},{h},{lo},{c},{v:.0f}",
        ),
        [MONTHS],
    ),
    "marketwatch": (
        lines(
            ["Date,Open,High,Low,Close,Volume"],
            lambda d, o, h, lo, c, v: f'{_us(d)},"{o:,.2f}","{h:,.2f}","{lo:,.2f}","{c:,.2f}","{v:,.0f}"',
            newest_first=True,
        ),
        [MONTHS, NEWEST],
    ),
    "barchart": (
        lines(
            ["Time,Open,High,Low,Last,Change,%Chg,Volume"],
            lambda d, o, h, lo, c, v: f"{_us(d)},{o},{h},{lo},{c},0.5,+0.1%,{v:.0f}",
            newest_first=True,
            end='"Downloaded from Barchart.com as of 02-01-2024 05:42am CST"\n',
        ),
        ["the last line is no prices", "Last is Close", MONTHS, NEWEST],
    ),
    "tradingview": (
        lines(["time,open,high,low,close,Volume"], lambda d, o, h, lo, c, v: f"{d.value // 10**9},{o},{h},{lo},{c},{v:.0f}"),
        ["seconds since 1970"],
    ),
    "polygon": (
        lines(
            ["ticker,volume,open,close,high,low,window_start,transactions"],
            lambda d, o, h, lo, c, v: f"AAPL,{v:.0f},{o},{c},{h},{lo},{d.value},99",
        ),
        ["window_start is Date", "nanoseconds since 1970"],
    ),
    "euronext": (
        lines(
            [
                '"Historical Data"',
                '"From 2015-01-01 to 2015-04-22"',
                "FR0000120271",
                "Date;Open;High;Low;Last;Close;Number of Shares;Turnover",
            ],
            lambda d, o, h, lo, c, v: f"{d:%d/%m/%Y};{o};{h};{lo};{c};{c};{v:.0f};1",
            newest_first=True,
        ),
        ["the first 3 lines are no prices", "Number of Shares is Volume", "have the day first", NEWEST],
    ),
    "tushare": (
        lines(
            ["ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount"],
            lambda d, o, h, lo, c, v: f"000001.SZ,{d:%Y%m%d},{o},{h},{lo},{c},1,1,1,{v:.0f},1",
            newest_first=True,
        ),
        ["trade_date is Date", NEWEST],
    ),
    "akshare": (
        lines(["日期,开盘,收盘,最高,最低,成交量,成交额"], lambda d, o, h, lo, c, v: f"{d:%Y-%m-%d},{o},{c},{h},{lo},{v:.0f},1"),
        ["开盘 is Open", "最高 is High", "最低 is Low", "收盘 is Close", "成交量 is Volume", "日期 is Date"],
    ),
}

# Files without volumes: what there is, and what is said.
EVEN = "taken as even"
WITHOUT_VOLUME = {
    "cboe": (
        lines(["DATE,OPEN,HIGH,LOW,CLOSE"], lambda d, o, h, lo, c, v: f"{_us(d)},{o:.6f},{h:.6f},{lo:.6f},{c:.6f}"),
        [EVEN, MONTHS],
    ),
    "wsj": (
        lines(
            ["Date, Open, High, Low, Close"], lambda d, o, h, lo, c, v: f"{d:%m/%d/%y}, {o}, {h}, {lo}, {c}", newest_first=True
        ),
        [EVEN, MONTHS, NEWEST],
    ),
    "investing.com, an index": (
        lines(
            ['"Date","Price","Open","High","Low","Vol.","Change %"'],
            lambda d, o, h, lo, c, v: f'"{_us(d)}","{c}","{o}","{h}","{lo}","","1.2%"',
            newest_first=True,
        ),
        ["Price is Close", MONTHS, NEWEST, EVEN],
    ),
    "nasdaq, an index": (
        lines(
            ["Date,Close/Last,Volume,Open,High,Low"], lambda d, o, h, lo, c, v: f"{_us(d)},{c},--,{o},{h},{lo}", newest_first=True
        ),
        ["Close/Last is Close", MONTHS, NEWEST, EVEN],
    ),
}
