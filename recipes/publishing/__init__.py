"""Publishing: from finished runs to a model of the zoo, its phone files and its row in the tables."""
