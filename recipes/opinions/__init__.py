"""Short opinions of any subject: a model that reads negation and contrast, and a suite that says whether one does."""
