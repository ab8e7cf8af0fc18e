"""The page's ES modules as one classic script.

Browsers load no module from file://, so the page has none: the same files that Node's tests import are put one after the
other, each in a function of its own. The modules keep to a few forms, and anything else is refused:
`import { a, b as c } from "./x.js";`, `import * as x from "./x.js";`, and `export` before `function`, `function*`,
`async function`, `class` or `const`.
"""

import re

_NAMES = re.compile(r'^import \{([^}]*)\} from "\./([\w/-]+\.js)";$', re.M)
_WHOLE = re.compile(r'^import \* as (\w+) from "\./([\w/-]+\.js)";$', re.M)
_EXPORT = re.compile(r"^export ((?:async )?function\*?|class|const) (\w+)", re.M)
_LEFT = re.compile(r"^\s*(?:import\b[^(]|export\b).*$", re.M)


def bundle(modules, entry):
    """One script that runs the module `entry` after those that it needs.

    The script is one function, which a worker can be started with too: see static/js/work.js.

    Args:
        modules: {name such as "main.js": source}.
        entry: the name of the module to run.

    Raises:
        ValueError: for an import or export of another form, a module that is not there, or a circle.
    """
    order = []
    _visit(entry, modules, order, ())
    body = "\n".join(_wrapped(name, modules[name]) for name in order)
    return f'(function seqzooPage() {{\n"use strict";\nconst seqzooModules = {{}};\n{body}\n}})();\n'


def _visit(name, modules, order, path):
    if name in path:
        raise ValueError(f"Modules must not import each other in a circle. Received: {' -> '.join([*path, name])}")
    if name not in modules:
        raise ValueError(f"A module must be one of {', '.join(sorted(modules))}. Received: {name!r}, imported by {path[-1:]}")
    if name in order:
        return
    for found in re.finditer(r'^import .* from "\./([\w/-]+\.js)";$', modules[name], re.M):
        _visit(found[1], modules, order, (*path, name))
    order.append(name)


def _wrapped(name, source):
    names = [found[2] for found in _EXPORT.finditer(source)]
    source = _NAMES.sub(lambda found: f'const {{{found[1].replace(" as ", ": ")}}} = seqzooModules["{found[2]}"];', source)
    source = _WHOLE.sub(lambda found: f'const {found[1]} = seqzooModules["{found[2]}"];', source)
    source = _EXPORT.sub(lambda found: f"{found[1]} {found[2]}", source)
    if left := _LEFT.search(source):
        raise ValueError(
            f"An import or export has one of the forms that seqzoo.page.bundle names. Received: {left[0]!r} in {name}"
        )
    return f'seqzooModules["{name}"] = (() => {{\n{source}\nreturn {{ {", ".join(names)} }};\n}})();'
