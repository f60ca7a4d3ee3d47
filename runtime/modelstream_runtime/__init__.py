"""What every generated client stands on; it knows no gateway and no model."""
