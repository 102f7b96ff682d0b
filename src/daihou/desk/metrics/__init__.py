"""How the system itself fares, for whoever looks after it: Prometheus metrics, the parts and their age, log lines with the request they belong to."""
