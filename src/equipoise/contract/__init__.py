"""What every stage shares: params, files, and how a mistake is said."""
