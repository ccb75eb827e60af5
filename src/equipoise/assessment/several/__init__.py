"""Tables of several classes: what decisions are worth, class weights, and probabilities."""
