"""A registry of vehicles: one library, at home on AWS and on one machine."""
