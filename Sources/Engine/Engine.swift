// One run, from claim to sweep.
