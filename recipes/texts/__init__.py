"""Your own texts: a pretrained network learns to sort them."""
