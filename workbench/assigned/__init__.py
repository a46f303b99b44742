"""Tasks that departments assign (交办任务): fetched from their platforms, done or returned, answered back."""
