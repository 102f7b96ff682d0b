"""What programs read: standings, snapshots, signals, alerts, explanations, claims, promises, cases, runs, measures and rules. All of it by what the desk's pages read."""
