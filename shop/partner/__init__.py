"""Fork of Oscar's supplier app, to reach its strategy: prices without tax, stock by our tables."""
