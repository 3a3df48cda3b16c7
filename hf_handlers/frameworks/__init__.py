"""PyTorch and TensorFlow: which of them runs a model, and one file for each with the same verbs."""
