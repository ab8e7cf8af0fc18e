"""What every cell shares: constructor options, weights, dropout masks, saving."""

from collections.abc import Sequence
from typing import Any

from keras import activations, constraints, initializers, layers, ops, random, regularizers, tree
from keras.backend import standardize_dtype
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell

from seqzoo.cells import checks
from seqzoo.cells.hints import Tensor

_ROLES = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}


def product(x, kernel):
    """x W, in float64 where both are: `keras.ops.matmul` under torch computes float64 in float32."""
    wide = standardize_dtype(x.dtype) == standardize_dtype(kernel.dtype) == "float64"
    return x @ kernel if wide else ops.matmul(x, kernel)


def dropped_matmul(x, kernel, mask):
    """x W under dropout: [batch, n] by [n, gates*units] -> [batch, gates*units], or so with a time axis.

    `mask` is None, one mask for all gates [batch, n], or a list with one mask for each gate.
    """
    if mask is None:
        return product(x, kernel)
    masks = mask if isinstance(mask, list) else [mask]
    if len(x.shape) == 3:
        masks = [m[:, None] for m in masks]  # the same for all steps: [batch, 1, n]
    columns = ops.split(kernel, len(masks), axis=-1)  # one [n, units] for each gate
    return ops.concatenate([product(x * m, w) for m, w in zip(masks, columns, strict=True)], axis=-1)


# DropoutRNNCell is not exported, yet nothing else will do: keras.layers.RNN draws and clears the dropout
# masks of those cells, alone or stacked, that are instances of it.
class RecurrentCell(layers.Layer, DropoutRNNCell):
    """Base of the cells: the weights W `kernel`, U `recurrent_kernel` and b `bias`, gates side by side.

    A subclass sets `gate_count`, names the constructor arguments that only it has in `own_options`, and
    defines `advance` (whose result has a field for each of `state_names`) and `call`.
    """

    gate_count = 1
    state_names = ("hidden",)
    own_options = ()
    # The global seed hands out seeds in the order in which they are asked for: so that it gives the weights that Keras's
    # cell has, a cell asks as that one does, before its initializers or after them.
    draws_seed_first = False

    def __init__(
        self,
        units,
        *,
        activation,
        use_bias,
        kernel_initializer,
        recurrent_initializer,
        bias_initializer,
        kernel_regularizer,
        recurrent_regularizer,
        bias_regularizer,
        kernel_constraint,
        recurrent_constraint,
        bias_constraint,
        dropout,
        recurrent_dropout,
        seed,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = checks.positive_units("units", units)
        if self.draws_seed_first:
            self.seed_generator = random.SeedGenerator(seed)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = checks.dropout_rate("dropout", dropout)
        self.recurrent_dropout = checks.dropout_rate("recurrent_dropout", recurrent_dropout)
        self.seed = seed
        if not self.draws_seed_first:
            self.seed_generator = random.SeedGenerator(seed)
        self.state_size = self.units
        self.output_size = self.units

    def _choose_implementation(self, implementation):
        """As in Keras: 1 draws a dropout mask for each gate, and recurrent dropout always does so."""
        checks.one_of("implementation", implementation, (0, 1, 2))
        self.implementation = 1 if self.recurrent_dropout else implementation
        if self.implementation == 1:
            self.dropout_mask_count = self.gate_count

    def build(self, input_shape):
        width = self.gate_count * self.units
        self.kernel = self._add("kernel", (input_shape[-1], width), "kernel")
        self.recurrent_kernel = self._add("recurrent_kernel", (self.units, width), "recurrent")
        self.bias = self._add("bias", self.bias_shape, "bias", self.initial_bias) if self.use_bias else None

    def _add(self, name, shape, kind, initializer=None):
        """A weight under the options of its `kind`: kernel, recurrent or bias."""
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer or getattr(self, f"{kind}_initializer"),
            regularizer=getattr(self, f"{kind}_regularizer"),
            constraint=getattr(self, f"{kind}_constraint"),
        )

    @property
    def bias_shape(self):
        return (self.gate_count * self.units,)

    @property
    def input_bias(self):
        """The bias that goes with x_t W, [gates*units]."""
        return self.bias

    def initial_bias(self, shape, dtype=None):
        return self.bias_initializer(shape, dtype=dtype)

    def get_initial_state(self, batch_size: int | None = None) -> list[Tensor]:
        """Zeros, a list of [batch, units]: a list, because StackedRNNCells passes lists from step to step."""
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in self.state_names]

    def __call__(self, inputs: Tensor, states: Any, *args, **kwargs) -> tuple[Tensor, Any]:
        # Before Keras's own __call__, which would bury the reason under a list of all arguments.
        self._check(inputs, states)
        return super().__call__(inputs, states, *args, **kwargs)

    def _check(self, inputs, states):
        if not hasattr(inputs, "shape"):
            inputs = ops.convert_to_tensor(inputs)
        checks.real_tensor(self, inputs, ("batch", "features"), self.kernel.shape[0] if self.built else None)
        checks.matching_states(self, states, self.state_size, inputs.shape[0])

    def gates(self, inputs: Tensor, states: Any, training: bool = False) -> Any:
        """The activated gates and the new states of one step, a named tuple of [batch, units].

        `inputs` is [batch, features]; `states` are those of the step before, each [batch, units], in the
        order of `state_names`, a single one alone or in a list. Raises as a call of the cell does.
        """
        if not self.built:
            self.build(ops.shape(inputs))
        self._check(inputs, states)
        states = [self._cast(state) for state in tree.flatten(states)]
        return self.advance(self.project_inputs(self._cast(inputs), training), states, training)

    def _cast(self, tensor):
        return ops.cast(ops.convert_to_tensor(tensor), self.compute_dtype)

    def project_inputs(self, inputs, training):
        """x_t W + b of one step [batch, gates*units], or of all steps at once [batch, time, gates*units]."""
        mask = self.get_dropout_mask(inputs if len(inputs.shape) == 2 else inputs[:, 0]) if training else None
        projected = dropped_matmul(inputs, self._cast(self.kernel), mask)
        return projected + self._cast(self.input_bias) if self.use_bias else projected

    def project_hidden(self, hidden, training):
        """h_{t-1} U, [batch, gates*units]."""
        mask = self.get_recurrent_dropout_mask(hidden) if training else None
        return dropped_matmul(hidden, self._cast(self.recurrent_kernel), mask)

    def set_weights(self, weights: Sequence[Tensor]) -> None:
        """As in Keras. Raises ValueError for weights of another number or shape, and for NaN or infinity."""
        checks.usable_weights(self, weights)
        super().set_weights(weights)

    def options(self):
        """The constructor's arguments as JSON values, without those that every Keras layer has."""
        names = ("units", "activation", "use_bias", "dropout", "recurrent_dropout", "seed", *self.own_options)
        values = {name: getattr(self, name) for name in names}
        options = {name: activations.serialize(v) if callable(v) else v for name, v in values.items()}
        for kind in ("kernel", "recurrent", "bias"):
            for role, module in _ROLES.items():
                options[f"{kind}_{role}"] = module.serialize(getattr(self, f"{kind}_{role}"))
        return options

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.options()}
