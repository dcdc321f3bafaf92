// Package checkpointtest is a test kit for what stores positions and ledgers,
// and for what relies on a store.
//
//   - [Conformance] tests that a [checkpoint.Store] keeps its promises.
//   - [Memory] is a store for tests that need no disk.
//   - [Failing] makes any store fail at its k-th call, before or after that
//     call took effect, so that a test can walk through all of them.
//   - [Sample] and [Walk] are positions to store.
package checkpointtest
