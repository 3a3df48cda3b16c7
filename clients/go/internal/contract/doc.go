// Package contract runs the cases of tests/contract, which are the same in all languages, as a user of hfbeam would: with a
// struct type for each input and output. The package generate generates these types.
package contract
