// Residents, posts, mail, keepers and the memorial as projections of the ledger.
