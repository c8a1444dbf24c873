"""What a model row holds, as plain data; what computes it stands in the folders after this one."""
