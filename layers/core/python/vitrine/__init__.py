"""What Vitrine knows: one package, the same imports on a laptop, in Lambda and in the SageMaker image."""
