package clientgo

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// TestLeaderElection has two candidates for one Lease; the second takes over
// when the first steps down.
func TestLeaderElection(t *testing.T) {
	client, ns := client(t)
	led := make(chan string, 2)
	stepDown := campaign(t, client, ns, "first", led)
	require.Equal(t, "first", <-led)
	campaign(t, client, ns, "second", led)
	stepDown()
	select {
	case leader := <-led:
		require.Equal(t, "second", leader)
	case <-time.After(patience):
		t.Fatal("nobody took over")
	}
	lease, err := client.CoordinationV1().Leases(ns).Get(t.Context(), "election", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "second", *lease.Spec.HolderIdentity)
	require.EqualValues(t, 1, *lease.Spec.LeaseTransitions)
}

// campaign makes a candidate that says on led that it leads. It returns how
// the candidate steps down.
func campaign(t *testing.T, client kubernetes.Interface, ns, name string, led chan<- string) context.CancelFunc {
	t.Helper()
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, ns, "election", client.CoreV1(), client.CoordinationV1(),
		resourcelock.ResourceLockConfig{Identity: name})
	require.NoError(t, err)
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: lock, ReleaseOnCancel: true,
		LeaseDuration: 2 * time.Second, RenewDeadline: time.Second, RetryPeriod: 100 * time.Millisecond,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { led <- name },
			OnStoppedLeading: func() {},
		},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); elector.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return cancel
}
