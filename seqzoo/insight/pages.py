"""Pages from Jinja2 templates that stand beside the code. Whatever a template shows is escaped."""

import functools
from importlib import resources

from seqzoo.data.tokenizer import clean


def render(package, template, policy, **values):
    """The source of a page.

    Args:
        package: the package in whose folder the template lies, such as `seqzoo.insight`.
        template: file name. It may extend or include those of any package, named `package/file`.
        policy: what a browser may load and run (Content-Security-Policy); the only value that is not escaped.
        values: what the template shows. Strings may hold anything, markup among it: it comes out as text.
    """
    from markupsafe import Markup

    return _environment().get_template(f"{package}/{template}").render(values, policy=Markup(policy))


def source(name):
    """The text of the file `package/file`."""
    package, _, file = name.partition("/")
    return resources.files(package).joinpath(file).read_text("utf-8")


def visible(text):
    """Text with a mark in place of every character that HTML does not allow or that would rearrange the page."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in clean(text))


@functools.cache
def _environment():
    import jinja2  # only where a page is made
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Runs on every value before it is escaped.
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    # For the project's own style and script, which are no values.
    environment.globals["file"] = lambda name: Markup(source(name))
    return environment
