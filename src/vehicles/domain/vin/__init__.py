"""The vehicle identification number: what it is, what it tells, and what was probably meant."""
