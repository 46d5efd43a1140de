"""The operators' screens in the back office, over the same services as everything else."""
