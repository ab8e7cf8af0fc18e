PYTHON ?= python3
PIP = .venv/bin/python -m pip --disable-pip-version-check
INSTALLED = .venv/installed
# The oldest and the newest Keras that setup.cfg allows, in folders of their own: every model is tested under both.
KERAS = $(abspath .venv/keras)
KERAS_FLOOR = $(shell sed -n 's/^ *keras>=\([0-9.]*\).*/\1/p' setup.cfg)
KERAS_ALLOWED = $(shell sed -n 's/^ *\(keras>=.*\)/\1/p' setup.cfg)
# LiteRT.js, which a page can run a model in too, from npm.
LITERT = .venv/litert
LITERT_VERSION = $(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' seqzoo/page/litert.py)

.PHONY: arm demo check docs page test test-all litert clean

demo: $(INSTALLED)  ## a trained LSTM judges reviews, a small one is trained, exported and loaded back
	.venv/bin/python -m recipes.demo

check: $(INSTALLED)  ## format and lint, as pyproject.toml says
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .

test: CHOSEN = -m "not slow"
test: test-all  ## the test suite, without the tests marked slow

test-all: $(INSTALLED) $(KERAS)/prepared litert  ## the whole test suite
	@command -v node || echo "There is no node: the tests of the page's JavaScript are skipped."
	@command -v chromium || command -v chromium-browser || command -v google-chrome || echo "There is no chromium: the tests of the page in a browser are skipped."
	@# Many small processes read what one has compiled, also where the environment says not to keep it.
	PYTHONDONTWRITEBYTECODE= SEQZOO_LITERT=$(abspath $(LITERT)) SEQZOO_KERAS_PATHS=$(KERAS)/oldest:$(KERAS)/newest .venv/bin/python -m pytest $(CHOSEN)

page: $(INSTALLED) litert  ## models at work in the browser, in page/; with npm, LiteRT.js beside them
	.venv/bin/seqzoo page --output page --overwrite $$(test -d $(LITERT)/node_modules && echo --litert $(LITERT))

# Without npm or network the page has no button for it, and its test is skipped.
litert: $(INSTALLED)
	@grep -qs '"version": "$(LITERT_VERSION)"' $(LITERT)/node_modules/@litertjs/core/package.json \
	|| { command -v npm > /dev/null && npm install --no-audit --no-fund --prefix $(LITERT) @litertjs/core@$(LITERT_VERSION); } \
	|| { rm -rf $(LITERT); echo "LiteRT.js could not be installed, which takes npm and a network: the page does without, its test is skipped."; }

arm: $(INSTALLED)  ## the phone files on an emulated ARM processor, where Debian's qemu-user-static and mmdebstrap are
	.venv/bin/python -m recipes.publishing.arm

docs: $(INSTALLED)  ## these pages as a site, in site/
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

# Made again when the requirements change.
$(INSTALLED): setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) install --quiet --upgrade pip
	@# Compiled by all cores afterwards, without the packages' own tests: pip compiles all of it on one, half of its time.
	$(PIP) install --quiet --no-compile --editable '.[all,dev,docs]'
	.venv/bin/python -m compileall -qq -j 0 -x '/tests?/' .venv/lib || true
	@# The clone's own folder too: beside a clone named seqzoo Python would take that folder for the package.
	.venv/bin/python -c "import sysconfig, pathlib; pathlib.Path(sysconfig.get_path('purelib'), 'seqzoo-clone.pth').write_text('$(CURDIR)\n')"
	touch $(INSTALLED)

$(KERAS)/prepared: $(INSTALLED)
	rm -rf $(KERAS)
	$(PIP) install --quiet --no-deps --target $(KERAS)/oldest 'keras==$(KERAS_FLOOR)'
	$(PIP) install --quiet --no-deps --target $(KERAS)/newest '$(KERAS_ALLOWED)'
	touch $@

clean:
	rm -rf .venv build site page *.egg-info .pytest_cache .hypothesis .ruff_cache
