// Package clientgo holds what client-go offers to programs against the
// simulator: clients of each kind, informers, watch tools, leader election,
// event recorders. What kube-apiserver answers to single requests is tested
// beside the product, in apiserver/wire.
package clientgo
