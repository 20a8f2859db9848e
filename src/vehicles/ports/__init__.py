"""What the domain asks of the world, written as promises."""
