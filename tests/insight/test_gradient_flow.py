"""Gradient norms against finite differences of the loss, state by state."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqzoo.insight import gradient_flow
from seqzoo.insight.gradients import shifted_loop
from seqzoo.insight.observe import observed
from tests import tiny
from tests.insight import networks


def finite_differences(network, inputs, targets, width=2e-3):
    """The norms of dL/ds_t, L a mean square, for each call of a layer and each of its states s.

    Every number of a state is moved up and down in a row of its own, so that one run of the network does all.
    """
    calls = []

    def run(inputs, which=None, state=None, moves=None):
        calls.clear()

        def loop(layer, sequences, states, mask):
            shape = (*sequences.shape[:2], layer.cell.units)
            shift = {name: np.zeros(shape, "float32") for name in layer.cell.state_names}
            if which == len(calls):
                shift[state] += moves
            calls.append((layer.cell.state_names, shape))
            return shifted_loop(layer, sequences, states, mask, {k: tf.constant(v) for k, v in shift.items()})

        with observed(network, loop):
            return network(inputs, training=False).numpy()

    run(inputs)
    results = []
    for which, (names, (batch, time, units)) in enumerate(list(calls)):
        numbers = time * units
        moves = width * np.eye(numbers).reshape(numbers, time, units)
        moves = np.tile(np.concatenate([moves, -moves]), (batch, 1, 1))
        many_inputs, many_targets = (np.repeat(values, 2 * numbers, axis=0) for values in (inputs, targets))
        norms = {}
        for name in names:
            losses = np.mean((run(many_inputs, which, name, moves) - many_targets) ** 2, axis=-1) / batch
            up, down = np.moveaxis(losses.reshape(batch, 2, time, units), 1, 0)
            norms[name] = np.linalg.norm((up - down) / (2 * width), axis=-1)
        results.append(norms)
    return results


def mse(outputs):
    return tf.reduce_mean((outputs - networks.targets()) ** 2)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("sequential", "RNN"),
        ("sequential", "LSTM"),
        ("sequential", "GRU"),
        ("stacked", "LSTM"),
        ("masked bidirectional", "LSTM"),
        ("subclassed", "GRU"),
    ],
)
def test_norms_equal_finite_differences(place, kind):
    build, inputs = networks.NETWORKS[place]
    network, inputs = build(kind), inputs()
    flows = gradient_flow(network, inputs, networks.targets(), loss="mse")
    expected = finite_differences(network, inputs, networks.targets())
    assert len(flows) == len(expected)
    for (name, flow), norms in zip(flows.items(), expected, strict=True):
        assert (flow.cell is None) == (kind != "LSTM")
        for state, norm in norms.items():
            assert norm.max() > 1e-3
            np.testing.assert_allclose(getattr(flow, state), norm, atol=3e-4, rtol=2e-3, err_msg=f"{name} {state}")


@pytest.mark.parametrize("place", networks.NETWORKS)
@pytest.mark.parametrize("kind", networks.KINDS)
def test_the_loop_that_is_differentiated_is_the_layers_own(place, kind):
    build, inputs = networks.NETWORKS[place]
    network, inputs = build(kind), inputs()
    flows = gradient_flow(network, inputs, networks.targets(), loss="mse")
    assert flows.loss == pytest.approx(float(mse(network(inputs))), abs=1e-6)


def test_an_rnn_by_hand():
    """dL/dh_t = (U diag(1 - h_{t+1}^2)) dL/dh_{t+1}, from L = (v h_T + d - y)^2."""
    model = networks.sequential("RNN")
    x, y = networks.sequences()[:1], networks.targets()[:1]
    kernel, recurrent, bias, v, d = (w.astype("float64") for w in model.get_weights())
    states = [np.zeros(5)]
    for t in range(networks.TIME):
        states.append(np.tanh(x[0, t] @ kernel + states[-1] @ recurrent + bias))
    gradient = 2 * (states[-1] @ v[:, 0] + d[0] - y[0, 0]) * v[:, 0]
    expected = []
    for state in reversed(states[1:]):
        expected.insert(0, np.linalg.norm(gradient))
        gradient = recurrent @ ((1 - state**2) * gradient)
    flow = gradient_flow(model, x, y, loss="mse")["only"]
    np.testing.assert_allclose(flow.hidden[0], expected, rtol=1e-4)


def test_the_loss_of_a_compiled_model_is_used():
    model = networks.sequential("LSTM")
    x, y = networks.sequences(), networks.targets()
    model.compile(loss="mae")
    compiled = gradient_flow(model, x, y)
    assert compiled.loss == pytest.approx(model.evaluate(x, y, verbose=0), abs=1e-6)
    for loss in ("mae", keras.losses.MeanAbsoluteError(), lambda y, z: tf.reduce_mean(tf.abs(y - z))):
        given = gradient_flow(model, x, y, loss=loss)
        np.testing.assert_allclose(given["only"].cell, compiled["only"].cell, rtol=1e-5)


@pytest.mark.parametrize("pooling", ["last", "max_mean"])
def test_a_text_classifier(pooling):
    model = tiny.model(pooling=pooling)
    texts, labels = ["what a great film", "dull"], [1, 0]
    flows = gradient_flow(model, texts, labels)
    p = model.predict(texts)
    assert flows.loss == pytest.approx(-np.log([p[0], 1 - p[1]]).mean(), rel=1e-5)
    assert flows.steps[0] == ("what", "a", "great", "film")
    flow = flows["lstm_0"]
    assert flow.hidden.shape == flow.cell.shape == (2, 4)
    assert (flow.hidden[0] > 0).all() and flow.hidden[1, 0] > 0
    np.testing.assert_array_equal(flow.hidden[1, 1:], 0)  # nothing flows back from padding


def test_refusals():
    model = networks.sequential("LSTM")
    x = networks.sequences()
    with pytest.raises(ValueError, match="Give `loss`, such as 'mse'.*Received: loss=None"):
        gradient_flow(model, x, networks.targets())
    with pytest.raises(ValueError, match=r"a row for each of the 3 inputs. Received: \[2\] rows"):
        gradient_flow(model, x, networks.targets()[:2], loss="mse")
    with pytest.raises(ValueError, match="seqzoo.LSTM with the same arguments"):
        theirs = keras.Sequential([keras.Input((None, 4)), keras.layers.LSTM(2)])
        gradient_flow(theirs, x, networks.targets(), loss="mse")
