// Constraint checks on everything that acts.
