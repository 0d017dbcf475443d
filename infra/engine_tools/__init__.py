"""Commands of `vitrine` that run the render engine alone, without a deployment."""
