"""Which company records are one company: records, candidate pairs, weights, clusters, accounts."""
