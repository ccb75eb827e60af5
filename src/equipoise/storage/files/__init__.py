"""What every stage reads and writes: frames, numbers, records, and reasons for arms left out."""
