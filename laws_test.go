package minik8s_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
)

// story is a cluster's life in short: a Deployment behind a Service comes up,
// is updated, loses a Pod, is scaled, and a namespace is deleted.
func story(t testing.TB, c *minik8s.Cluster) {
	settle(t, c)
	apply(t, c, benchNamespace)
	apply(t, c, `{apiVersion: v1, kind: Namespace, metadata: {name: doomed}}`)
	apply(t, c, `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: bench}, spec: {selector: {app: web}, ports: [{port: 80}]}}`)
	apply(t, c, strings.ReplaceAll(fmt.Sprintf(webDeployment, "doomed", 2, "1.22"), "name: web,", "name: brief,"))
	apply(t, c, fmt.Sprintf(webDeployment, "bench", 3, "1.22"))
	settle(t, c)
	apply(t, c, fmt.Sprintf(webDeployment, "bench", 4, "1.23"))
	for range 7 { // not settled: what follows meets a rollout under way
		_, err := c.Tick()
		require.NoError(t, err)
	}
	if pods := reconcile.Pods.List(viewOf(c), reconcile.InNamespace("bench")); len(pods) > 0 {
		remove(t, c, reconcile.Pods.GroupResource, "bench", pods[0].Name)
	}
	remove(t, c, reconcile.Namespaces.GroupResource, "", "doomed")
	settle(t, c)
	apply(t, c, fmt.Sprintf(webDeployment, "bench", 2, "1.23"))
	settle(t, c)
}

// TestAnyOrderAndLagConverge: in which order components have their turns, and
// how far behind their views are, changes the way but not the end.
func TestAnyOrderAndLagConverge(t *testing.T) {
	t.Parallel()
	reference := world(t, nil, 0)
	for lag := range 5 {
		t.Run(fmt.Sprintf("lag %d", lag), func(t *testing.T) {
			for seed := range int64(4) {
				require.Equal(t, reference, world(t, rand.New(rand.NewSource(seed)), lag), "order %d", seed)
			}
		})
	}
}

// world is how a story ends with components in some order, all lagging.
func world(t testing.TB, order *rand.Rand, lag int) string {
	components := minik8s.Components(kinds.NewRegistry(kinds.All()), minik8s.Options{})
	if order != nil {
		order.Shuffle(len(components), func(i, j int) { components[i], components[j] = components[j], components[i] })
	}
	c, err := minik8s.New(minik8s.Options{Nodes: 2, Components: components, Invariants: minik8s.Invariants()})
	require.NoError(t, err)
	settle(t, c)
	if lag > 0 {
		for _, component := range components {
			require.NoError(t, c.SetLag(component.Name, lag))
		}
	}
	story(t, c)
	return gist(t, c)
}

// drawn are the parts of an object that names, times and addresses show in.
var drawn = regexp.MustCompile(`"(name|uid|resourceVersion|time|ip|podIP|hostIP|clusterIP|containerID|nodeName|lastTransitionTime|lastUpdateTime|lastHeartbeatTime|renewTime|creationTimestamp|startTime|startedAt|acquireTime|message|[a-zA-Z.-]*/(revision-history|last-change-trigger-time))":"[^"]*"|"(podIPs|hostIPs|clusterIPs|addresses|images)":\[[^]]*\]|"(generation|observedGeneration|leaseTransitions|collisionCount)":\d+|[,{]"endpoints.kubernetes.io/last-change-trigger-time":"[^"]*"`)

// gist is all objects without what is drawn by chance or depends on the way:
// names, times, addresses, which node, Events.
func gist(t testing.TB, c *minik8s.Cluster) string {
	var lines []string
	s := c.Store().Snapshot()
	for _, k := range c.Kinds().All() {
		if k.Internal || k.Resource == "events" {
			continue
		}
		for o := range s.List(k.GroupResource(), "") {
			b, err := json.Marshal(o.Value)
			require.NoError(t, err)
			lines = append(lines, k.Kind+" "+o.Namespace+" "+drawn.ReplaceAllString(string(b), ""))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// TestSameSeedSameLog: two runs with one seed are the same to the byte, and
// another seed gives other names.
func TestSameSeedSameLog(t *testing.T) {
	t.Parallel()
	log := func(seed int64) string {
		c, err := minik8s.New(minik8s.Options{Nodes: 2, Seed: seed})
		require.NoError(t, err)
		story(t, c)
		return hash(t, c.Store())
	}
	require.Equal(t, log(1), log(1))
	require.NotEqual(t, log(1), log(2))
}

// TestReplayEqualsTheFirstRun from any tick that is retained.
func TestReplayEqualsTheFirstRun(t *testing.T) {
	t.Parallel()
	c, err := minik8s.New(minik8s.Options{Nodes: 2})
	require.NoError(t, err)
	story(t, c)
	_, err = c.Advance(time.Minute)
	require.NoError(t, err)
	want := hash(t, c.Store())
	ticks := map[int64]bool{}
	for _, turn := range c.Trace(minik8s.TraceOptions{}) {
		ticks[turn.Tick] = true
	}
	require.Greater(t, len(ticks), 50)
	for tick := range ticks {
		again, err := c.Replay(tick)
		require.NoError(t, err)
		require.Equal(t, want, hash(t, again.Store()), "from tick %d", tick)
	}
}

// TestStoredObjectsStayAsTheyAre: nobody changes what a read returned.
func TestStoredObjectsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	c, err := minik8s.New(minik8s.Options{Nodes: 2})
	require.NoError(t, err)
	c.Store().CheckImmutable()
	story(t, c)
	require.NoError(t, c.Store().VerifyImmutable())
}

// hash is that of the whole retained change log.
func hash(t testing.TB, s *store.Store) string {
	snapshot := s.Snapshot()
	changes, err := snapshot.Changes(snapshot.Oldest() - 1)
	require.NoError(t, err)
	h := sha256.New()
	for c := range changes {
		require.NoError(t, json.NewEncoder(h).Encode(c))
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
