package scheduler

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// diagnosis is why no node will do: how many nodes gave each reason.
type diagnosis struct {
	nodes     int
	preFilter *Status // set if no node was looked at
	reasons   []reasonCount
	// resolvable counts the nodes where evicting pods might help.
	resolvable int
}

type reasonCount struct {
	reason string
	nodes  int
}

// add counts a refusal by a number of nodes.
func (d *diagnosis) add(status *Status, nodes int) {
	if nodes == 0 {
		return
	}
	if !status.Unresolvable {
		d.resolvable += nodes
	}
	for _, reason := range status.Reasons {
		at := slices.IndexFunc(d.reasons, func(c reasonCount) bool { return c.reason == reason })
		if at < 0 {
			at = len(d.reasons)
			d.reasons = append(d.reasons, reasonCount{reason: reason})
		}
		d.reasons[at].nodes += nodes
	}
}

// message is the text of the FailedScheduling event and of the condition.
//
// Upstream: pkg/scheduler/framework (FitError.Error), in the same words.
func (d *diagnosis) message(pod *corev1.Pod) string {
	if d.nodes == 0 {
		return "no nodes available to schedule pods"
	}
	text := fmt.Sprintf("0/%d nodes are available:", d.nodes)
	if d.preFilter != nil {
		text += " " + d.preFilter.text() + "."
	} else {
		text += histogram(d.reasons)
	}
	return text + " preemption: " + d.preemption(pod)
}

// preemption is what the DefaultPreemption plugin adds to the message.
//
// Upstream: pkg/scheduler/framework/plugins/defaultpreemption evicts pods of lower priority to make room, here no pod is ever a victim.
func (d *diagnosis) preemption(pod *corev1.Pod) string {
	if policy := pod.Spec.PreemptionPolicy; policy != nil && *policy == corev1.PreemptNever {
		return "not eligible due to preemptionPolicy=Never."
	}
	return fmt.Sprintf("0/%d nodes are available:", d.nodes) + histogram([]reasonCount{
		{reason: "No preemption victims found for incoming pod", nodes: d.resolvable},
		{reason: "Preemption is not helpful for scheduling", nodes: d.nodes - d.resolvable},
	})
}

// histogram is " 1 reason, 2 other reason." in the order of these texts.
func histogram(counts []reasonCount) string {
	texts := make([]string, 0, len(counts))
	for _, c := range counts {
		if c.nodes > 0 {
			texts = append(texts, fmt.Sprintf("%d %s", c.nodes, c.reason))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	slices.Sort(texts)
	return " " + strings.Join(texts, ", ") + "."
}
