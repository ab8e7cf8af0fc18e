"""What recipes on several subjects share."""
