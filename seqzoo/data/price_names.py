"""What vendors call the columns of a table of daily prices."""

import re
import unicodedata

# Each in order of preference, in the form that `plain` gives. The first is the name itself and needs no telling.
_ALIASES = {
    "open": "openprice openingprice openrate pxopen eroffnung eroffn eroffnungskurs erster ouverture ouv apertura abertura "
    "otwarcie 开盘 开盘价 始値 시가",
    "high": "highprice pxhigh dayhigh hoch hochst tageshoch plushaut haut maximo max najwyzszy 最高 最高价 高値 고가",
    "low": "lowprice pxlow daylow tief tiefst tagestief plusbas bas minimo min najnizszy 最低 最低价 安値 저가",
    "close": "closelast closeprice closingprice last lastprice pxlast latest settle settlement schluss schlusskurs zuletzt "
    "cloture fermeture dernier cierre ultimo chiusura zamkniecie 收盘 收盘价 終値 종가 price",
    "volume": "vol totalvolume pxvolume shares numberofshares noofshares stuecke stuck volumen wolumen tickvol "
    "成交量 出来高 거래량",
    "date": "datetime tradedate tradingdate tradingday day datum fecha data 日期 日付 날짜 timestamp time opentime starttime "
    "windowstart unix unixtimestamp observationdate",
}
ALIASES = {role: [role, *names.split()] for role, names in _ALIASES.items()}
TICKER = ("ticker", "symbol", "tic", "name", "tscode")
QUIET = {"datetime", "timestamp", "time", "vol"}  # names so plain that nothing is assumed


def plain(name):
    """A column's name without case, accents, signs, digits and what stands in brackets: "1. Open (USD)" -> "open"."""
    text = re.sub(r"\(.*?\)|\[.*?\]|\*", "", str(name).lower().replace("ß", "ss"))
    text = unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)))
    return re.sub(r"[\W\d_]", "", text)


def roles_of(names):
    """Which column is what.

    Args:
        names: the columns' names.

    Returns:
        dict from role ("open", ..., "volume", "date") to the column's place; roles for which no column stands are left
        out. A role whose own name stands twice is a list of places.
    """
    names = [plain(name) for name in names]
    found = {}
    for role, aliases in ALIASES.items():
        for alias in aliases:
            places = [place for place, name in enumerate(names) if name == alias]
            if places:
                found[role] = places[0] if len(places) == 1 or role == "date" else places
                break
    if "volume" not in found:  # Volume BTC, Volume USD: the first is in pieces, not in money
        of = [k for k, name in enumerate(names) if name.startswith("volume") and not re.search("average|weight|vwap", name)]
        found.update({"volume": of[0]} if of else {})
    return found


def is_ticker(name):
    return plain(name) in TICKER
