"""Memory: how far back a recurrent network can learn, and why an RNN forgets."""
