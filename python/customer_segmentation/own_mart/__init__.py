"""A segmentation on a mart of one's own: what `segmentation init` proposes, writes and checks."""
