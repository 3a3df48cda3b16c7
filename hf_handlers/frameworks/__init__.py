"""PyTorch and TensorFlow: which of them runs a model, and one file of the same verbs for each."""
