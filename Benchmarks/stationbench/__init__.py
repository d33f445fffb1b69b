"""Measurements of `station-agent` with real peers: the release binary, Mosquitto, SQLite on a real disk."""
