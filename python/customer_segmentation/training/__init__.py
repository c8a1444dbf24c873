"""From a mart and a specification to a trained model, in memory or in Spark."""
