"""Samplers and models: built from params, fitted on train."""
