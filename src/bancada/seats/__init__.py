"""The life of seats: baked, made, prepared, staged, seen ready."""
