package minik8s_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/minik8s/minik8s"
)

// TestWhoAsksNeedNotWaitForTheNextTick has a clock on which a tick takes
// minutes: what controllers make of a request must be there all the same.
func TestWhoAsksNeedNotWaitForTheNextTick(t *testing.T) {
	world := settled(t, minik8s.Options{})
	world.Run(t.Context(), minik8s.LiveOptions{Speed: 1e-4})
	client := kubernetes.NewForConfigOrDie(world.RESTConfig())
	for i := range 5 {
		name := fmt.Sprintf("team-%d", i)
		apply(t, world, fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", name))
		require.Eventually(t, func() bool {
			_, err := client.CoreV1().ServiceAccounts(name).Get(t.Context(), "default", metav1.GetOptions{})
			return err == nil
		}, time.Minute, 5*time.Millisecond, name)
	}
}
