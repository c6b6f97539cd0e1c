// Which runs are due, and the nightly batch.
