"""Film reviews: sentiment models, language models, and what they do and do not understand."""
