"""A black-box client of servers that speak the SpacetimeDB protocols v2 and v3 and the HTTP API."""
