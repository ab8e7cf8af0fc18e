"""Names of operators that the files and the traced graphs share. Imports nothing."""

LSTM, RNN = "UNIDIRECTIONAL_SEQUENCE_LSTM", "UNIDIRECTIONAL_SEQUENCE_RNN"
# The composites in a traced graph; the second name is followed by the activation.
LSTM_COMPOSITE, RNN_COMPOSITE = "seqzoo_lstm", "seqzoo_rnn_"
