"""Stock prices: forecasts of tomorrow's volatility and return."""
