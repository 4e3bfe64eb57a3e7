package scheduler

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// Name is the scheduler's name in event sources and in a pod's
// spec.schedulerName.
const Name = corev1.DefaultSchedulerName

// unschedulableFlush is how long a pod may stay unschedulable before it is
// tried again without anything having changed.
const unschedulableFlush = 5 * time.Minute

// New is the scheduler with upstream's default profile.
func New() reconcile.Component { return DefaultProfile().Component() }

// Component is a scheduler that runs the profile's plugins. Give a cluster
// only one: two would not see the room that the other is giving away.
func (p Profile) Component() reconcile.Component {
	phases := p.phases()
	return reconcile.Component{
		Name:      Name,
		User:      "system:kube-scheduler",
		Starts:    func(string) []reconcile.Key { return []reconcile.Key{reconcile.Single} },
		Watches:   watches(),
		Reconcile: phases.scheduleQueue,
	}
}

// phases are a profile's plugins by what they take part in.
type phases struct {
	filters []FilterPlugin
	scorers []weightedScorer
}

func (p Profile) phases() *phases {
	var ph phases
	for _, e := range p {
		if f, ok := e.Plugin.(FilterPlugin); ok {
			ph.filters = append(ph.filters, f)
		}
		if s, ok := e.Plugin.(ScorePlugin); ok && e.Weight > 0 {
			ph.scorers = append(ph.scorers, weightedScorer{s, e.Weight})
		}
	}
	return &ph
}

// scheduleQueue is one turn: it finds a node for each waiting pod in turn,
// each pod taking its room before the next is looked at.
func (p *phases) scheduleQueue(v reconcile.View, _ reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	pods := reconcile.Pods.List(v)
	queued := queue(pods)
	if len(queued) == 0 {
		plan.Observe("no pods waiting")
		return plan, nil
	}
	snap := newSnapshot(reconcile.Nodes.List(v), pods, "")
	plan.Observe("%s waiting, %s", count(len(queued), "pod"), count(len(snap.Nodes), "node"))

	turn := cycle{phases: p, snap: snap, scoring: newScoring(p.scorers)}
	var failures []failure
	for _, pod := range queued {
		info := newPodInfo(pod)
		host, why, failed := turn.schedulePod(info)
		if failed != nil {
			failures = append(failures, *failed)
			continue
		}
		host.assume(info)
		plan.Bind(pod, host.Node.Name, why)
		plan.Event(pod, corev1.EventTypeNormal, "Scheduled",
			"Successfully assigned "+pod.Namespace+"/"+pod.Name+" to "+host.Node.Name)
	}
	// Failures come last: a refused status must not hold up a Bind.
	for _, f := range failures {
		f.report(&plan, v.Now())
	}
	if len(failures) > 0 {
		plan.Observe("%s unschedulable", count(len(failures), "pod"))
		plan.Heartbeat(unschedulableFlush, "try unschedulable pods again")
	}
	return plan, nil
}

// cycle schedules one pod after the other against one snapshot.
type cycle struct {
	*phases
	snap    *Snapshot
	scoring *scoring
	buffer  []*NodeInfo // for the feasible nodes, used again for each pod
}

// schedulePod finds the pod's node and the reason for it, or why there is none.
func (c *cycle) schedulePod(pod *PodInfo) (host *NodeInfo, why string, failed *failure) {
	filtering := c.preFilter(pod, c.snap)
	feasible, refused := filtering.findFeasible(pod, c.snap, c.buffer[:0])
	c.buffer = feasible
	switch len(feasible) {
	case 0:
		return nil, "", &failure{pod: pod.Pod, reason: corev1.PodReasonUnschedulable, message: refused.message(pod.Pod)}
	case 1:
		// With nothing to compare, upstream does not score either.
		return feasible[0], onlyFeasible(len(c.snap.Nodes)), nil
	}
	if err := c.scoring.run(pod, c.snap, feasible, false); err != nil {
		return nil, "", &failure{pod: pod.Pod, reason: corev1.PodReasonSchedulerError, message: err.Error()}
	}
	best, tied := c.scoring.selectHost(feasible)
	return feasible[best], c.scoring.why(feasible, best, tied), nil
}

func onlyFeasible(nodes int) string {
	if nodes == 1 {
		return "the only node"
	}
	return fmt.Sprintf("the only feasible node of %d", nodes)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
