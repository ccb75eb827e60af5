"""The whole catalogue on the train part: folds that all arms share, and a race over them."""
