"""The page in a real browser, opened from a file: every control, what is shown, what is asked for."""

import re
import shutil

import pytest

from seqzoo.data.tokenizer import tokenize

sync_api = pytest.importorskip("playwright.sync_api", reason="the page is driven with playwright: pip install '.[test]'")
sync_api.expect.set_options(timeout=30_000)  # as its other waits: a busy machine takes more than 5 seconds
HTML = "<img src=x onerror=window.broken=1> <script>window.broken=1</script> <b>great</b> film"


LEAD = "sentiment-lstm"


def verdict(page, name=LEAD):
    return float(page.locator(".verdict", has_text=name).locator(".verdict-value").inner_text())


def reads(page, value, name=LEAD):
    """Waits for a verdict: where a network is large, a worker gives it."""
    sync_api.expect(page.locator(".verdict", has_text=name).locator(".verdict-value")).to_have_text(f"{value:.3f}")


def changed(page, value, name=LEAD):
    """The verdict once it is another one."""
    sync_api.expect(page.locator(".verdict", has_text=name).locator(".verdict-value")).not_to_have_text(f"{value:.3f}")
    return verdict(page, name)


def wait_for_weights(page):
    sync_api.expect(page.locator(".weights span", has_text="golden answers")).to_have_count(2)


def test_a_sentence_every_control_and_back(opened):
    page = opened()
    first = {LEAD: 0.029, "imdb-rnn": 0.075}  # as on their cards
    assert all(verdict(page, name) == pytest.approx(value, abs=6e-4) for name, value in first.items())
    wait_for_weights(page)
    page.wait_for_timeout(300)
    assert all(verdict(page, name) == pytest.approx(value, abs=6e-4) for name, value in first.items())  # computed here now
    for place in range(page.locator(".example").count()):
        page.locator(".example").nth(place).click()
        shown = page.locator(".example").nth(place).get_attribute("title")
        sync_api.expect(page.locator(".word").first).to_have_text(tokenize(shown)[0])
    page.fill("#text", "What a great film")
    sync_api.expect(page.locator(".word")).to_have_count(4)
    before = verdict(page)
    words = page.locator(".word")
    assert words.all_inner_texts() == ["what", "a", "great", "film"]
    words.nth(3).focus()
    page.keyboard.press("ArrowLeft")
    assert words.nth(2).get_attribute("aria-selected") == "true"
    assert page.evaluate("document.activeElement.textContent") == "great"
    assert "great (word 3)" in page.locator(".path").inner_text()

    page.locator(".row.heat canvas").nth(0).click(position={"x": 400, "y": 20})  # a unit, by its map
    assert "unit" in page.locator(".path").inner_text()
    page.locator(".drivers ul").first.wait_for()
    gates = page.locator(".arithmetic .line b").all_inner_texts()
    assert len(gates) == 6 and all(re.fullmatch(r"= −?\d\.\d{4}", text) for text in gates)
    for field in ("input", "candidate", "cell", "hidden", "output", "forget"):
        page.click(f'[data-key="field {field}"]')
        assert page.get_attribute(f'[data-key="field {field}"]', "aria-pressed") == "true"
    for key in ("lowest", "highest", "before", "after", "largest"):
        page.click(f'[data-key="{key}"]')
    page.fill('[data-key="unit"]', "7")
    page.keyboard.press("Enter")
    page.locator(".crumb", has_text="unit 7").wait_for()

    play = page.locator(".play")
    play.locator("input[type=checkbox]").first.check()
    play.locator("input[type=range]").first.fill("0")
    held = changed(page, before)
    assert f"{before:.3f} → {held:.3f}" in page.locator(".result").inner_text()
    play.locator("select").first.select_option("one")
    changed(page, held)
    play.locator("input[type=range]").nth(1).fill("3")
    play.locator("input[type=checkbox]").nth(1).check()
    page.click("text=Undo all of it")
    reads(page, before)
    assert not page.locator(".key.before").count()
    page.select_option('[data-key="other"]', index=0)
    page.click('[data-key="swap"]')
    assert words.all_inner_texts() != ["what", "a", "great", "film"] and page.locator(".key.before").count()
    page.click('[data-key="halves"]')
    page.click("text=Undo all of it")
    assert words.all_inner_texts() == ["what", "a", "great", "film"]
    reads(page, before)
    for text in ("the word's state alone", "all states (last and max)", "the read-out as trained"):
        page.locator(".segment", has_text=text).first.click()
    selects = page.locator(".tools select")
    selects.nth(2).select_option("1")
    selects.nth(1).select_option("")
    assert page.locator(".verdict").count() == 1
    selects.nth(1).select_option("2")
    selects.nth(0).select_option("2")
    assert page.locator(".verdict").count() == 1 and page.locator(".verdict.rnn").count() == 1
    selects.nth(0).select_option("1")
    selects.nth(1).select_option("2")  # LSTM and RNN of one size, trained on the same reviews
    sync_api.expect(page.locator(".verdict")).to_have_count(2)
    assert page.locator(".verdict-name").all_inner_texts() == ["imdb-lstm", "imdb-rnn"]
    page.fill("#text", "")
    page.locator(".verdicts .note").wait_for()


def test_text_that_holds_html_is_text(opened):
    page = opened()
    wait_for_weights(page)
    page.fill("#text", HTML)
    page.locator(".word", has_text="onerror").wait_for()
    assert not page.evaluate("window.broken") and not page.locator("main img, main script").count()


def test_the_keyboard_goes_through_it_in_order_and_a_screen_reader_is_told(opened):
    page = opened(reduced_motion="reduce")
    wait_for_weights(page)
    page.fill("#text", "A great film")
    sync_api.expect(page.locator('.says [role="status"]')).to_have_text(re.compile(rf"^{LEAD}, .*0\.\d+, .*imdb-rnn, .*0\.\d+"))
    where = """() => {
      const one = document.activeElement;
      const seen = one.type === "radio" ? one.nextSibling : one;
      return [one.closest(".examples, .tools, .words, .play, .path, .zoom-body")?.className.split(" ").at(-1) ?? one.id,
        getComputedStyle(seen).outlineStyle];
    }"""
    parts = ["theme"]
    page.focus("#theme")
    for _ in range(60):
        page.keyboard.press("Tab")
        part, outline = page.evaluate(where)
        assert outline != "none", (part, parts)  # where the focus is can be seen
        if parts[-1] != part:
            parts.append(part)
        if part == "zoom-body":
            break
    assert parts == ["theme", "tab-words", "text", "examples", "tools", "words", "play", "path", "zoom-body"]
    assert page.evaluate('getComputedStyle(document.querySelector(".meter-fill")).transitionDuration') == "0s"


def test_prices_and_long_memory(opened):
    page = opened(color_scheme="dark", reduced_motion="reduce")
    page.focus("#tab-words")
    page.keyboard.press("ArrowRight")
    pytest.importorskip("arch", reason="the series comes with seqzoo[stocks]")
    page.locator("#panel-prices .verdict").first.wait_for()
    values = page.locator("#panel-prices .verdict-value")
    calm = float(values.first.inner_text())
    assert 60 < calm < 110  # 2008-10-10
    page.fill("#shock", "-15")
    assert float(values.first.inner_text()) > calm
    page.locator("#panel-prices >> text=Undo all of it").click()
    assert float(values.first.inner_text()) == calm
    page.fill("#asof", "300")
    assert float(values.first.inner_text()) < 40
    lines = [
        "Date,Open,High,Low,Close,Volume",
        *(f"2020-{1 + n // 28:02d}-{1 + n % 28:02d},10,11,9.5,10.5,100" for n in range(260)),
    ]
    page.set_input_files("#prices", {"name": "mine.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()})
    page.locator("text=260 days of mine.csv").wait_for()
    page.set_input_files("#prices", {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2"})
    page.locator("text=must name Date, Open").wait_for()

    page.click("#tab-memory")
    memory = page.locator("#panel-memory")
    memory.locator(".verdict.gru").wait_for()
    for place in range(5):
        page.fill("#span", str(place))
        assert memory.locator(".verdict").count() == 4
    page.fill("#first-mark", "3")
    page.fill("#second-mark", "90")
    far = abs(float(memory.locator(".verdict.lstm .verdict-label").inner_text().split()[0].replace("−", "-")))
    assert far < 0.2
    page.click("text=Try 200 sequences")
    errors = re.findall(r"(RNN|LSTM|GRU) (\d\.\d+)", memory.locator(".note").first.inner_text())
    found = {name: float(value) for name, value in errors}
    assert found["LSTM"] < 0.005 and found["GRU"] < 0.005 < 0.05 < found["RNN"]  # over 100 steps
    page.click("text=Another sequence")
    page.click("#theme")
    assert page.get_attribute("html", "data-theme") == "light"


@pytest.mark.parametrize("width", [390, *(pytest.param(width, marks=pytest.mark.slow) for width in (800, 1440))])
def test_nothing_is_wider_than_the_screen(opened, width):
    page = opened(width=width, height=844)
    wait_for_weights(page)
    for tab in ("words", "prices", "memory"):
        page.click(f"#tab-{tab}")
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # Every control has a name.
        unnamed = """() => [...document.querySelectorAll("button, input, select, textarea")].filter((one) => one.offsetParent
          && !(one.textContent.trim() || one.labels?.length || one.getAttribute("aria-label"))).map((one) => one.outerHTML)"""
        assert page.evaluate(unnamed) == []


def test_other_weights_are_refused(opened, made_page, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(made_page.parent, copy)
    largest = max(copy.glob("data/*.js"), key=lambda file: file.stat().st_size)
    text = largest.read_text()
    at = len(text) // 2
    largest.write_text(text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :])
    page = opened(copy / "index.html")
    page.locator(".weights.wrong").wait_for()
    assert "SHA-256 must be the one on the model's card" in page.locator(".weights").inner_text()
