// The signed, hash-chained record of every step.
