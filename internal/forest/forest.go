// Package forest is a random forest classifier as data and its use: prediction,
// explanation and the model file. Growing one is package grow's. It knows no
// networks: rows of float32 in, class probabilities out.
package forest
