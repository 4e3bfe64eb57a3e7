package controllers

import (
	corev1 "k8s.io/api/core/v1"
)

// maxEndpoints is how many addresses an Endpoints object holds at most.
// Whoever needs more has to read EndpointSlices.
const maxEndpoints = 1000

// truncateSubsets cuts the subsets down to maxEndpoints addresses and says
// whether that was necessary. Addresses that are not ready go first; each
// subset keeps its share.
func truncateSubsets(subsets []corev1.EndpointSubset) bool {
	ready, notReady := 0, 0
	for _, s := range subsets {
		ready += len(s.Addresses)
		notReady += len(s.NotReadyAddresses)
	}
	if ready+notReady <= maxEndpoints {
		return false
	}
	onlyReady := ready > maxEndpoints
	total, room := notReady, maxEndpoints-ready
	if onlyReady {
		total, room = ready, maxEndpoints
	}
	left := room
	for i := range subsets {
		s := &subsets[i]
		cut := &s.NotReadyAddresses
		if onlyReady {
			cut, s.NotReadyAddresses = &s.Addresses, nil
		}
		share := (len(*cut)*room + total - 1) / total // rounded up: the last subset gets less
		*cut = (*cut)[:min(share, left, len(*cut))]
		left -= len(*cut)
	}
	return true
}
