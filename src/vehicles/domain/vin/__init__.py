"""The vehicle identification number (VIN): validation, explanation, and suggestions for typing errors."""
