"""Words in sound: what `seqzoo hear` hears, trained, measured and published."""
