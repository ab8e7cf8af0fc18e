"""Weights files that go both ways between a layer and its counterpart in Keras.

Keras names the members of a list of layers in a `.weights.h5` or `.keras` file after their classes: `layers/simple_rnn`
for its own, `layers/rnn_1` for the second `seqzoo.RNN` of a model. So a file of ours gets a second name, a link, for each
of these, and in a file without ours theirs is looked for. In a list where layers of both kinds stand side by side, or
a `keras.layers.RNN` beside ours, names have no clear counterpart and each finds its own alone.
"""

import re


def name_twice(store, ours, theirs):
    """While `store` is being written: what is saved at its present path is to be found under Keras's name as well."""
    path = _own_path(store, ours)
    if path is None:
        return
    if not hasattr(store, "_paths_named_twice"):
        store._paths_named_twice, close = [], store.close

        def link_and_close():
            # At the end, for a layer of Keras's own may yet have come for the name.
            for parent, member, theirs in store._paths_named_twice:
                group = store.h5_file[parent]
                others = [key for key in group if _is(theirs, key) and key not in linked[parent, theirs]]
                if not others:
                    name = _numbered(theirs, len(linked[parent, theirs]))
                    group[name] = group[member]
                    linked[parent, theirs].append(name)
            close()

        linked = _Lists()
        store.close = link_and_close
    parent, member = path.rsplit("/", 1)
    store._paths_named_twice.append((parent, member, theirs))


def find_either(store, ours, theirs):
    """While `store` is being read: turn it, and what is asked of it below its present path, to Keras's name if ours is
    not there."""
    path = _own_path(store, ours)
    if path is None or path in store.h5_file:
        return
    if not hasattr(store, "_paths_by_keras"):
        store._paths_by_keras, get = {}, store.get

        def get_either(path):
            for own, other in store._paths_by_keras.items():
                if path == own or path.startswith(f"{own}/"):
                    path = other + path[len(own) :]
            return get(path)

        store.get = get_either
    parent = path.rsplit("/", 1)[0]
    before = sum(own.rsplit("/", 1)[0] == parent and own != path for own in store._paths_by_keras)
    other = f"{parent}/{_numbered(theirs, before)}"
    if other in store.h5_file:
        store._paths_by_keras[path] = other
        store.get(path)


def _own_path(store, ours):
    """Where `store` stands, if that is a member of a list, named after the class."""
    path = getattr(store, "_h5_entry_path", None)  # of Keras's store of HDF5; no other has such names to map
    named_here = path and "/" in path and hasattr(store, "h5_file") and _is(ours, path.rsplit("/", 1)[1])
    return path if named_here and type(store).__name__ == "H5IOStore" else None


def _is(name, key):
    return re.fullmatch(rf"{name}(_\d+)?", key) is not None


def _numbered(name, k):
    return f"{name}_{k}" if k else name


class _Lists(dict):
    def __missing__(self, key):
        return self.setdefault(key, [])
