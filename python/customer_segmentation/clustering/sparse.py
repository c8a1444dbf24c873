"""K-means on all items of a sparse matrix, to compare that on its components with."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.clustering.fitting import check_groups
from customer_segmentation.model.assignment import Assignment
from customer_segmentation.numerics.sampling import random_sample
from customer_segmentation.numerics.sparse import CsrMatrix, nearest_centre
from customer_segmentation.numerics.threads import one_thread

_MOST_ITERATIONS = 300


def fit_sparse_kmeans(
    points: CsrMatrix, k: int, *, random_seed: int, starts: int, sample_size: int
) -> Clustering:
    """The best of ``starts`` runs of Lloyd's algorithm from k-means++ seeds, by scikit-learn.

    With more than ``sample_size`` rows the runs are on a seeded sample, and the best of them goes
    on with all. It ends after 300 iterations, or where the centroids hardly move any more. The
    centroids (k, items) are dense.

    Raises:
        InputError: The rows are too alike for ``k`` clusters.
    """
    sample = random_sample(points.shape[0], sample_size, random_seed)
    with one_thread(ConvergenceWarning):
        found = KMeans(k, n_init=starts, random_state=random_seed, max_iter=_MOST_ITERATIONS).fit(
            points[sample]
        )
        if len(sample) < points.shape[0]:
            found = KMeans(k, init=found.cluster_centers_, n_init=1, max_iter=_MOST_ITERATIONS).fit(
                points
            )
        centroids = np.asarray(found.cluster_centers_)
        labels = nearest_centre(points, centroids)
    check_groups(labels, k, "K-means on the matrix")
    return Clustering(
        assignment=Assignment("nearest_centroid", centroids),
        labels=labels,
        fitted_rows=points.shape[0],
        agreement=float(np.mean(labels == found.labels_)),
        noise_share=0.0,
    )
