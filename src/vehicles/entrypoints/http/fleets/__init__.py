"""The handlers of the routes about many vehicles at once."""
