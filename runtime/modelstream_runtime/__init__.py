"""The hand-written part of every generated client. It knows no gateway and no model."""
